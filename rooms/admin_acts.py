"""Acts of administrators on a room, in the admin. The server cannot sign: it stops a room, and
closes none for good.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path

from accounts.admin.links import who
from rooms import actions
from rooms.models import Room

MIB = 1024**2
MOST_MIB = 2**30


class FilesForm(forms.Form):
    """The limit of a room's files."""

    mebibytes = forms.IntegerField(
        label="Storage for files, in MiB",
        required=False,
        validators=[MinValueValidator(0), MaxValueValidator(MOST_MIB)],
        help_text="Empty: no limit of its own. What is there already stays.",
    )

    @staticmethod
    def initial_of(room: Room) -> dict[str, int | None]:
        return {"mebibytes": None if room.files_most is None else room.files_most // MIB}

    def most(self) -> int | None:
        """Bytes; call it once the form is valid."""
        given = self.cleaned_data["mebibytes"]
        return None if given is None else given * MIB


def room_urls(admin: ModelAdmin[Room]) -> list[URLPattern]:
    """Addresses below that of a room, which take posts of administrators."""
    acts = {"stop": _stop, "resume": _resume, "quota": _quota}
    return [
        path(
            f"<path:object_id>/{name}/",
            admin.admin_site.admin_view(partial(_post, admin, act)),
            name=f"rooms_room_{name}",
        )
        for name, act in acts.items()
    ]


def _post(admin: ModelAdmin[Room], act: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    if not who(request).is_administrator:
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    room = admin.get_object(request, unquote(object_id))
    if room is None:
        raise Http404
    messages.set_level(request, messages.SUCCESS)
    act(request, room)
    return redirect("admin:rooms_room_change", room.pk)


def _stop(request: HttpRequest, room: Room) -> None:
    actions.set_stopped(room.pk, True, by=who(request))
    messages.success(request, "The room is stopped.")


def _resume(request: HttpRequest, room: Room) -> None:
    actions.set_stopped(room.pk, False, by=who(request))
    messages.success(request, "The room goes on.")


def _quota(request: HttpRequest, room: Room) -> None:
    form = FilesForm(request.POST)
    if "mebibytes" not in request.POST or not form.is_valid():
        said = form.errors.get("mebibytes")
        messages.error(request, said.as_text() if said else "The form was not complete.")
        return
    actions.set_files_most(room.pk, form.most(), by=who(request))
    messages.success(request, "The limit of the room\u2019s files is set.")
