"""Pages of rooms. They hold no content: scripts fetch ciphertext and decrypt it."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.models import User
from chatsite.lib.errors import NotFound
from rooms.access import room_for_member


def home(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("rooms")
    return render(request, "home.html")


@login_required
def room_list(request: HttpRequest) -> HttpResponse:
    return render(request, "rooms/list.html")


@login_required
def room_new(request: HttpRequest) -> HttpResponse:
    return render(request, "rooms/new.html")


@login_required
def room(request: HttpRequest, room: str) -> HttpResponse:
    assert isinstance(request.user, User)
    try:
        room_for_member(request.user, room)
    except NotFound:
        raise Http404 from None
    return render(request, "rooms/room.html")


def invite(request: HttpRequest) -> HttpResponse:
    return render(request, "rooms/invite.html")
