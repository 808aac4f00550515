"""The demo account, for development: its rooms are made at the first start, and a click signs in.

None of this exists with DEBUG off. The server has this one account's keys only because the
program that plays the demo leaves its recovery kit in the data folder.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, JsonResponse
from django.shortcuts import resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from chatsite.lib.errors import Unavailable
from chatsite.lib.pages import page, refuse

PROGRESS = "progress.json"
BACKEND = "django.contrib.auth.backends.ModelBackend"


class DemoNotMade(Unavailable):
    code = "demo_not_made"
    detail = "The demo rooms are still being made. Try again in a few seconds."


def kit_text() -> str:
    """The demo account's recovery kit; "" until the demo is there."""
    try:
        return (settings.DEMO_DIR / "kit.json").read_text("utf-8")
    except FileNotFoundError:
        return ""


def demo_user() -> User | None:
    """The owner of the kit, if the database has them with these keys."""
    kit: dict[str, Any] = json.loads(kit_text() or "{}").get("kit", {})
    user = User.objects.filter(pk=kit.get("uid", ""), is_active=True).first()
    return user if user is not None and user.current_kid == kit.get("kid") else None


def fill_in_background() -> subprocess.Popen[bytes] | None:
    """Make the demo while the site is already there, unless it is made."""
    if demo_user() is not None:
        return None
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "seed_demo"]
    # In a session of its own: Ctrl-C is for the server, which ends this with itself.
    return subprocess.Popen(command, env={**os.environ, "DEBUG": "1"}, start_new_session=True)  # noqa: S603


def progress() -> dict[str, Any]:
    """How far the demo is: `state` is "loading", "ready" or "failed"; `done` of `total` messages
    are written, where that is known.
    """
    if demo_user() is not None:
        return {"state": "ready"}
    try:
        noted = json.loads((settings.DEMO_DIR / PROGRESS).read_text("utf-8"))
    except FileNotFoundError:
        return {"state": "loading"}
    return {"state": "failed" if noted["failed"] else "loading", **noted}


wait = page("demo.html")
"""The page that enters the demo once it is made."""


@never_cache
@require_GET
def state(request: HttpRequest) -> JsonResponse:
    """The state for that page's script."""
    return JsonResponse(progress())


@require_POST
def enter(request: HttpRequest) -> JsonResponse:
    """Sign in, and hand the kit that a person would choose to the script of the first page."""
    user = demo_user()
    if user is None:
        return refuse(DemoNotMade())
    login(request, user, backend=BACKEND)
    return JsonResponse({"next": resolve_url("keys"), "kit": kit_text()})
