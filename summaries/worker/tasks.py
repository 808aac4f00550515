"""The worker's task, and what it does when it starts."""

from __future__ import annotations

import logging
import os
import random
import sys
from datetime import UTC, datetime
from functools import lru_cache
from threading import Thread
from time import sleep
from typing import Any

from celery import Task, shared_task
from celery.exceptions import Retry
from celery.signals import worker_ready
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, close_old_connections, connections

from chatsite.lib import wire
from summaries.actions import TASK, end
from summaries.models import SummaryRequest, SummaryWorker
from summaries.selectors import HEARD_FOR, INTERRUPTED
from summaries.worker.config import read_config
from summaries.worker.engines import get_engine
from summaries.worker.engines.base import Engine, Failed
from summaries.worker.envelopes import Unreadable
from summaries.worker.job import Gone, Job
from summaries.worker.keys import WorkerKey, load_key

QUEUE = "summaries"
TRIES = 5
ANNOUNCE_EVERY = 60.0  # seconds; several fit into HEARD_FOR
UNREADABLE = ("unreadable", "The worker could not open the request. Ask again.")
FAULT = ("fault", "The worker has a fault. Nothing was kept.")
log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def worker_context() -> tuple[WorkerKey, Engine]:
    """The key and the engine of this process."""
    config = read_config()
    return load_key(config.key, settings.DATA_DIR / "secrets" / "summary.pem"), get_engine(config)


@shared_task(bind=True, name=TASK, max_retries=TRIES)
def summarise(task: Task[Any, None], rid: str) -> None:
    """Work on one request. It may come twice: a worker that was killed is followed by another."""
    try:
        request = SummaryRequest.objects.filter(id=rid).first()
        if request is not None and request.state not in SummaryRequest.ENDED:
            _work(task, request)
    except DatabaseError as error:
        log.warning("summary.database %s", type(error).__name__)
        raise task.retry(countdown=backoff(5, task.request.retries), max_retries=None) from None
    finally:
        close_old_connections()


def _work(task: Task[Any, None], request: SummaryRequest) -> None:
    try:
        Job(request, *worker_context()).run()
    except Gone:
        log.info("summary.gone")
    except Unreadable:
        end(request, SummaryRequest.FAILED, *UNREADABLE)
    except Failed as failure:
        _fail(task, request, failure)
    except (DatabaseError, Retry):
        raise
    except Exception as error:
        # Only the kind: what it says may quote what was to be summarised.
        log.error("summary.failed %s", type(error).__name__)
        end(request, SummaryRequest.FAILED, *FAULT)


def _fail(task: Task[Any, None], request: SummaryRequest, failure: Failed) -> None:
    log.warning("summary.engine_failed %s", failure.code)
    tried = task.request.retries
    if failure.after is None or tried >= TRIES:
        end(request, SummaryRequest.FAILED, failure.code, failure.sentence)
        return
    wait = backoff(failure.after, tried)
    SummaryRequest.objects.filter(pk=request.pk).exclude(state__in=SummaryRequest.ENDED).update(
        state=SummaryRequest.QUEUED,
        code="retrying",
        detail=f"{failure.sentence} Trying again.",
        moved_at=datetime.now(UTC),
    )
    raise task.retry(countdown=wait)


def backoff(after: float, tried: int) -> float:
    """Seconds: doubled with every try, with jitter, five minutes at most."""
    return min(300.0, after * 2**tried) * random.uniform(1.0, 1.3)  # noqa: S311 (no secret)


# --- starting ------------------------------------------------------------------------------------


@worker_ready.connect
def begin(sender: Any = None, *, embedded: bool = False, **kwargs: Any) -> None:
    """Announce this worker, now and every ANNOUNCE_EVERY seconds until the process ends. A worker
    that takes no summaries, as its command line says, has nothing to announce.

    Args:
        sender: Celery's consumer, if this is a process of its own.

    Raises:
        SystemExit: with exit code 78, if SUMMARY_KEY cannot be used.
    """
    if sender is not None and QUEUE not in sender.app.amqp.queues.consume_from:
        return
    try:
        worker_context()
    except ImproperlyConfigured as error:
        if embedded:
            raise
        print(error, file=sys.stderr, flush=True)  # noqa: T201
        raise SystemExit(os.EX_CONFIG) from None
    arguments = {"embedded": embedded, "started_at": datetime.now(UTC)}
    Thread(target=keep_announcing, kwargs=arguments, name="announcing", daemon=True).start()


def keep_announcing(*, embedded: bool, started_at: datetime) -> None:
    while True:
        try:
            announce(embedded=embedded, started_at=started_at)
        except DatabaseError as error:  # it is announced a little later
            log.warning("worker.not_announced %s", type(error).__name__)
        finally:
            connections.close_all()
        sleep(ANNOUNCE_EVERY)


def announce(*, embedded: bool, started_at: datetime) -> None:
    """Tell the web tier whom to seal requests to, and that this worker lives. A worker that
    started before another one with another key stays behind it.
    """
    key, engine = worker_context()
    now = datetime.now(UTC)
    SummaryWorker.objects.update_or_create(
        key_hash=key.wk,
        defaults={
            "spki": wire.b64(key.spki),
            "engine": engine.name,
            "model": engine.model,
            "embedded": embedded,
            "started_at": started_at,
            "heard_at": now,
        },
    )
    SummaryWorker.objects.exclude(key_hash=key.wk).filter(heard_at__lt=now - HEARD_FOR).delete()


def begin_embedded() -> None:
    """End the requests that waited in the memory of an earlier process, and tell their askers."""
    begin(embedded=True)
    for request in SummaryRequest.objects.exclude(state__in=SummaryRequest.ENDED):
        end(request, SummaryRequest.FAILED, *INTERRUPTED)
    close_old_connections()
