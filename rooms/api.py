"""REST: rooms, the log, invitations, wrapped keys. Edges only: shapes in, actions, shapes out."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chatsite.lib import wire
from chatsite.lib.rest import field, limited, only
from rooms import actions, queries, schemas
from rooms.access import room_for_member
from rooms.payloads import parse_submission, parse_wraps


def _head(room: Any, status: int = 201) -> Response:
    return Response({"id": room.pk, "head": room.head}, status=status)


class CreateRoom(APIView):
    @extend_schema(request=schemas.CreateSchema, responses={201: schemas.HeadSchema})
    @limited("log")
    def post(self, request: Request) -> Response:
        sent = parse_submission(request.data, "wraps")
        return _head(actions.create_room(request.user, sent))


class ProfileView(APIView):
    @extend_schema(request=schemas.ProfileSchema, responses=schemas.HeadSchema)
    @limited("log")
    def put(self, request: Request, room: str) -> Response:
        sent = parse_submission(request.data, "profile")
        return _head(actions.append_event(request.user, room, sent, allowed={"profile"}), 200)


class LogView(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("after", int, description="seq; -1 for the beginning")],
        responses=schemas.LogSchema,
    )
    def get(self, request: Request, room: str) -> Response:
        member = room_for_member(request.user, room)
        return Response(queries.log_page(member.room, _after(request)))

    @extend_schema(request=schemas.EventSchema, responses={201: schemas.HeadSchema})
    @limited("log")
    def post(self, request: Request, room: str) -> Response:
        sent = parse_submission(request.data, "wraps", "profile", "invites")
        allowed = {"revoke", "leave", "epoch"}
        return _head(actions.append_event(request.user, room, sent, allowed=allowed))


def _after(request: Request) -> int:
    text = request.query_params.get("after", "-1")
    if text != "-1" and not (text.isascii() and text.isdigit() and len(text) < 16):
        raise wire.BadWire("after is not a seq")
    return int(text)


class InviteView(APIView):
    @extend_schema(request=schemas.InviteSchema, responses={201: schemas.HeadSchema})
    @limited("log")
    def post(self, request: Request, room: str) -> Response:
        sent = parse_submission(request.data, "card", "escrow", "items")
        return _head(actions.append_event(request.user, room, sent, allowed={"invite"}))


class InvitationsView(APIView):
    @extend_schema(responses=schemas.InvitationsSchema)
    def get(self, request: Request, room: str) -> Response:
        return Response({"invites": queries.invitations_of(request.user, room)})


class JoinView(APIView):
    def get_permissions(self) -> list[Any]:
        """Who holds a link may look at it before having an account."""
        return [AllowAny()] if self.request.method == "GET" else super().get_permissions()

    @extend_schema(responses=schemas.PreviewSchema)
    @limited("invite_preview")
    def get(self, request: Request, iid: str) -> Response:
        return Response(queries.preview(iid))

    @extend_schema(request=schemas.SignedEventSchema, responses={201: schemas.JoinedSchema})
    @limited("log")
    def post(self, request: Request, iid: str) -> Response:
        room = actions.join_room(request.user, iid, parse_submission(request.data))
        items = actions.items_for_joiner(request.user, iid)
        return Response({"room": room.pk, "head": room.head, "items": items}, status=201)


class JoinItemsView(APIView):
    @extend_schema(responses=schemas.ItemsSchema)
    def get(self, request: Request, iid: str) -> Response:
        return Response({"items": actions.items_for_joiner(request.user, iid)})


class KeysView(APIView):
    @extend_schema(responses=schemas.KeysSchema)
    def get(self, request: Request, room: str) -> Response:
        return Response(queries.keys_for(request.user, room))


class WrapsView(APIView):
    @extend_schema(request=schemas.WrapsSchema, responses={204: None})
    @limited("log")
    def post(self, request: Request, room: str) -> Response:
        only(request.data, "wraps")
        actions.give_wraps(request.user, room, parse_wraps(field(request.data, "wraps", list)))
        return Response(status=204)


class KeyRequestView(APIView):
    @extend_schema(request=schemas.KeyRequestSchema, responses={204: None})
    @limited("key_request")
    def post(self, request: Request, room: str) -> Response:
        only(request.data, "e")
        epochs = field(request.data, "e", list)
        if len(epochs) > 100:
            raise wire.BadWire("too many epochs at once")
        for e in epochs:
            wire.integer(1)(e)
        actions.ask_for_keys(request.user, room, epochs)
        return Response(status=204)
