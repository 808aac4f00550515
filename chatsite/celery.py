"""Work outside requests. `celery -A chatsite worker` and `celery -A chatsite beat` run it on Redis;
without Redis threads of the one process do (`chatsite/ops/worker.py`), by the same code.
"""

from __future__ import annotations

import os
from typing import Any

import django
from celery import Celery
from celery.signals import beat_init, celeryd_init, setup_logging
from django.conf import settings

from chatsite.env import one_line_at_most

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

with one_line_at_most():
    bool(settings.INSTALLED_APPS)  # Celery itself would read them late, and show a traceback


def make_app(*, current: bool = False) -> Celery:
    """An app with the site's settings and tasks. Which queues a worker takes from is kept in its
    app, so two workers in one process need two.
    """
    made = Celery("chatsite", set_as_current=current)
    made.config_from_object("django.conf:settings", namespace="CELERY")
    made.autodiscover_tasks(["chatsite", "messaging", "summaries.worker"])
    return made


app = make_app(current=True)


@setup_logging.connect
def keep_django_s_logging(**kwargs: Any) -> None:
    """Celery would put its own handlers in, which know nothing of what must not be logged."""


@celeryd_init.connect
@beat_init.connect
def refuse_what_is_half_configured(options: dict[str, Any] | None = None, **kwargs: Any) -> None:
    """A process of its own needs what a second web process needs. `options` are those of a worker's
    command line.
    """
    django.setup()
    from chatsite.ops.preflight import join_as_worker  # loads the apps

    join_as_worker(0 if options is None else _children(options))


def _children(options: dict[str, Any]) -> int:
    """The number of tasks that a worker runs at a time: by default one per processor."""
    return int(options.get("concurrency") or app.conf.worker_concurrency or os.cpu_count() or 1)
