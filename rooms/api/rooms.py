"""REST: rooms, the log, invitations, wrapped keys. Edges only: shapes in, actions, shapes out."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import signed_in
from chatsite.lib import wire
from chatsite.lib.errors import Refused
from chatsite.lib.rest import body_of, field, limited, only, take
from rooms import actions, selectors, serializers
from rooms.access import room_for_member
from rooms.events import begins_epoch, parse_event
from rooms.payloads import parse_boxes, parse_event_submission, parse_wraps
from rooms.rules import RULES


def _head(room: Any, status: int = 201) -> Response:
    return Response({"id": room.pk, "head": room.head}, status=status)


class CreateRoom(APIView):
    @extend_schema(request=serializers.CreateSchema, responses={201: serializers.HeadSchema})
    @limited("log")
    def post(self, request: Request) -> Response:
        sent = parse_event_submission(body_of(request), "wraps")
        return _head(actions.create_room(signed_in(request), sent))


class ProfileView(APIView):
    @extend_schema(request=serializers.ProfileSchema, responses=serializers.HeadSchema)
    @limited("log")
    def put(self, request: Request, room: str) -> Response:
        sent = parse_event_submission(body_of(request), "profile", "files")
        return _head(actions.append_event(signed_in(request), room, sent, allowed={"profile"}), 200)


class LogView(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("after", int, description="seq; -1 for the beginning")],
        responses=serializers.LogSchema,
    )
    @limited("room_log")
    def get(self, request: Request, room: str) -> Response:
        member = room_for_member(signed_in(request), room)
        return Response(selectors.log_page(member.room, _after(request)))

    @extend_schema(request=serializers.EventSchema, responses={201: serializers.HeadSchema})
    def post(self, request: Request, room: str) -> Response:
        user = signed_in(request)
        take(user.pk, budget_of(body_of(request)))
        sent = parse_event_submission(body_of(request), "wraps", "profile", "invites")
        allowed = set(RULES) - {"create", "profile", "invite", "join"}
        return _head(actions.append_event(user, room, sent, allowed=allowed))


def budget_of(data: dict[str, Any]) -> str:
    """The limit that a log event counts against.

    What protects a room has one of its own, and so has what other people bring about: nobody
    can use up what somebody needs to remove them.
    """
    try:
        event = parse_event(data.get("event"))
    except (wire.BadWire, Refused):
        return "log"
    if event["t"] in ("remove", "reset", "leave", "close", "ban", "succeed"):
        return "log_safety"
    if event["t"] == "role" and begins_epoch(event):
        return "log_safety"
    return "log_epoch" if event["t"] == "epoch" else "log"


def _after(request: Request) -> int:
    text = request.query_params.get("after", "-1")
    if text != "-1" and not (text.isascii() and text.isdigit() and len(text) < 16):
        raise wire.BadWire("after is not a seq")
    return int(text)


class InviteView(APIView):
    @extend_schema(request=serializers.InviteSchema, responses={201: serializers.HeadSchema})
    @limited("log")
    def post(self, request: Request, room: str) -> Response:
        sent = parse_event_submission(body_of(request), "card", "escrow", "items")
        return _head(actions.append_event(signed_in(request), room, sent, allowed={"invite"}))


class InvitationsView(APIView):
    @extend_schema(responses=serializers.InvitationsSchema)
    @limited("room_reads")
    def get(self, request: Request, room: str) -> Response:
        return Response({"invites": selectors.invitations_of(signed_in(request), room)})


class JoinView(APIView):
    def get_permissions(self) -> list[Any]:
        """Who holds a link may look at it before having an account."""
        if self.request.method == "GET":
            return [AllowAny()]
        return list(super().get_permissions())

    @extend_schema(
        parameters=[OpenApiParameter("after", int, description="seq; the events that follow")],
        responses=serializers.PreviewSchema,
    )
    @limited("invite_preview", also_by_address=True)
    def get(self, request: Request, iid: str) -> Response:
        return Response(selectors.preview(iid, _after(request)))

    @extend_schema(request=serializers.SignedEventSchema, responses={201: serializers.JoinedSchema})
    @limited("log")
    def post(self, request: Request, iid: str) -> Response:
        room = actions.join_room(signed_in(request), iid, parse_event_submission(body_of(request)))
        found = actions.items_for_joiner(signed_in(request), iid, after=0)
        return Response({"room": room.pk, "head": room.head, **found}, status=201)


class JoinItemsView(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("after", int, description="epoch; the items that follow")],
        responses=serializers.ItemsSchema,
    )
    @limited("room_reads")
    def get(self, request: Request, iid: str) -> Response:
        after = max(0, _after(request))
        return Response(actions.items_for_joiner(signed_in(request), iid, after=after))


class KeysView(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("after", int, description="`more` of the page before")],
        responses=serializers.KeysSchema,
    )
    @limited("room_reads")
    def get(self, request: Request, room: str) -> Response:
        return Response(selectors.keys_for(signed_in(request), room, max(0, _after(request))))


class WrapsView(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("after", str, description="`more` of the page before")],
        responses=serializers.WrapsOfSchema,
    )
    @limited("room_reads")
    def get(self, request: Request, room: str) -> Response:
        after = request.query_params.get("after", "")
        wire.or_empty(wire.hash64)(after)
        return Response(selectors.wraps_of(signed_in(request), room, after))

    @extend_schema(request=serializers.WrapsSchema, responses={204: None})
    @limited("hand_over")
    def post(self, request: Request, room: str) -> Response:
        sent = body_of(request)
        only(sent, "wraps")
        wraps = parse_wraps(field(sent, "wraps", list))
        actions.give_wraps(signed_in(request), room, wraps)
        return Response(status=204)


class KeyRequestView(APIView):
    @extend_schema(request=serializers.KeyRequestSchema, responses={204: None})
    @limited("key_request")
    def post(self, request: Request, room: str) -> Response:
        only(body_of(request), "e")
        epochs = field(body_of(request), "e", list)
        if len(epochs) > 100:
            raise wire.BadWire("too many epochs at once")
        for e in epochs:
            wire.integer(1)(e)
        actions.ask_for_keys(signed_in(request), room, epochs)
        return Response(status=204)


class BoxesView(APIView):
    @extend_schema(request=serializers.BoxesSchema, responses={204: None})
    @limited("hand_over")
    def post(self, request: Request, room: str) -> Response:
        profile, invites = parse_boxes(body_of(request))
        actions.finish_boxes(signed_in(request), room, profile, invites)
        return Response(status=204)


class AcceptView(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, room: str) -> Response:
        only(body_of(request))
        actions.accept(signed_in(request), room)
        return Response(status=204)
