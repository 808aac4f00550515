"""Payloads of rooms.

The same serializers validate and describe them. Signed bodies stay text (`SignedTextField`);
`rooms/events.py` parses them.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.serializers import SignedIdentitySerializer
from chatsite.lib import wire
from chatsite.lib.rest.fields import (
    Base64Field,
    BooleanField,
    ChoiceField,
    HashField,
    HeadField,
    IdField,
    IntegerField,
    ListField,
    OrEmptyField,
    PaddedBoxField,
    QueryIntegerField,
    SignatureField,
    SignedTextField,
    UserNameField,
)
from chatsite.lib.rest.pagination import PageSerializer
from chatsite.lib.rest.serializers import QuerySerializer, StrictSerializer, many
from rooms.models import Member
from rooms.submissions import MAX_MEMBERS, BoxGiven, EventSubmission, LinkKeys, WrapGiven

MOST_ITEMS = 10_000  # epochs whose keys a link may carry
MOST_INVITES = 20  # that are open
MOST_ASKED = 100  # epochs in one request for keys
NEXT_PAGE = "`after` of the next page, null at the end"


# --- what is sealed -------------------------------------------------------------------------------


class WrapSerializer(StrictSerializer):
    e = IntegerField(1, help_text="epoch")
    to = HashField(help_text="kid of the recipient")
    ct = Base64Field(wire.RSA_BYTES, help_text="RSA-OAEP of the epoch's key")

    def validate(self, attrs: Any) -> Any:
        return WrapGiven(attrs["e"], attrs["to"], attrs["ct"])


class ProfileBoxSerializer(StrictSerializer):
    e = IntegerField(1, help_text="epoch")
    box = PaddedBoxField(help_text="the room's name, topic and avatar")

    def validate(self, attrs: Any) -> Any:
        return BoxGiven(attrs["e"], attrs["box"])


class KeyBoxSerializer(StrictSerializer):
    e = IntegerField(1, help_text="epoch")
    box = Base64Field(wire.KEY_BOX, help_text="a sealed key")

    def validate(self, attrs: Any) -> Any:
        return BoxGiven(attrs["e"], attrs["box"])


class LinkKeysSerializer(StrictSerializer):
    iid = IdField()
    escrow = Base64Field(wire.KEY_BOX)
    item = Base64Field(wire.KEY_BOX)

    def validate(self, attrs: Any) -> Any:
        return LinkKeys(attrs["iid"], attrs["escrow"], attrs["item"])


# --- events, and what comes beside them -----------------------------------------------------------


class SignedEventSerializer(StrictSerializer):
    event = SignedTextField("event", help_text="canonical event body, as signed")
    sig = SignatureField(help_text="Ed25519 over its PAE")


class EventSubmissionSerializer(SignedEventSerializer):
    """A single event. The result is an EventSubmission."""

    def validate(self, attrs: Any) -> Any:
        given: Any = {key: tuple(one) if type(one) is list else one for key, one in attrs.items()}
        return EventSubmission(signature=given.pop("sig"), **given)


class NewRoomSerializer(EventSubmissionSerializer):
    wraps = many(WrapSerializer, most=MAX_MEMBERS)


class ProfileSerializer(EventSubmissionSerializer):
    profile = ProfileBoxSerializer()
    files: Any = ListField(
        IdField(), most=1, required=False, help_text="the avatar's id, or none; left out, it stays"
    )


class LogEventSerializer(EventSubmissionSerializer):
    wraps = many(WrapSerializer, most=MAX_MEMBERS, required=False)
    profile = ProfileBoxSerializer(required=False)
    invites = many(LinkKeysSerializer, most=MOST_INVITES, required=False)


class InviteSerializer(EventSubmissionSerializer):
    card = PaddedBoxField(help_text="what the link shows of the room")
    escrow = KeyBoxSerializer(required=False)
    items = many(KeyBoxSerializer, most=MOST_ITEMS, required=False)


class WrapsSerializer(StrictSerializer):
    wraps = many(WrapSerializer, most=MAX_MEMBERS)


class KeyRequestSerializer(StrictSerializer):
    e = ListField(IntegerField(1), most=MOST_ASKED, help_text="epochs")


class BoxesSerializer(StrictSerializer):
    profile = ProfileBoxSerializer(required=False)
    invites = many(LinkKeysSerializer, most=MOST_INVITES, required=False)


class ResetKnockSerializer(StrictSerializer):
    body = SignedTextField("knock", help_text="canonical knock body, as signed")
    sig = SignatureField()


class KnockSerializer(ResetKnockSerializer):
    isig = SignatureField(help_text="by the invitation's key")


# --- queries --------------------------------------------------------------------------------------


class LogQuerySerializer(QuerySerializer):
    after = QueryIntegerField(-1, default=-1, help_text="seq; -1 for the beginning")


class WrapsQuerySerializer(QuerySerializer):
    after = OrEmptyField(HashField(), default="", help_text="`more` of the page before")


# --- answers --------------------------------------------------------------------------------------


class HeadSerializer(serializers.Serializer):
    id = IdField()
    head = HeadField(help_text="[seq, hash] of the newest event")


class LogSerializer(serializers.Serializer):
    events = SignedEventSerializer(many=True)
    head = HeadField(help_text="[seq, hash] of the newest event")
    identities = SignedIdentitySerializer(many=True, help_text="of every kid that is named here")
    more = BooleanField(help_text="whether events follow")


class PreviewSerializer(LogSerializer):
    room = IdField()
    card = PaddedBoxField()
    state = ChoiceField(["open"])


class ItemsSerializer(serializers.Serializer):
    items = KeyBoxSerializer(many=True)
    more = IntegerField(allow_null=True, help_text=NEXT_PAGE)


class JoinedSerializer(ItemsSerializer):
    room = IdField()
    head = HeadField()


class InvitationSerializer(serializers.Serializer):
    iid = IdField()
    by = IdField()
    exp = IntegerField(help_text="ms")
    max = IntegerField()
    uses = IntegerField()
    state = ChoiceField(["open", "revoked", "voided", "used", "expired"])


class InvitationsSerializer(PageSerializer):
    invites = InvitationSerializer(many=True, help_text="the newest first")


class EscrowSerializer(KeyBoxSerializer):
    iid = IdField()


class KeysSerializer(serializers.Serializer):
    wraps = WrapSerializer(many=True)
    profiles = ProfileBoxSerializer(many=True)
    escrows = EscrowSerializer(many=True)
    more = IntegerField(allow_null=True, help_text=NEXT_PAGE)


class WrapsOfSerializer(serializers.Serializer):
    wraps = serializers.DictField(
        child=ListField(IntegerField(1)),
        help_text="epochs whose key is wrapped to a member, by kid",
    )
    more = HashField(allow_null=True, help_text=NEXT_PAGE)


class KnockStateSerializer(serializers.Serializer):
    state = ChoiceField(["waiting", "member", "refused", "none"])


class OwnKnockSerializer(serializers.Serializer):
    kid = HashField(help_text="the key that is to be let in")
    state = ChoiceField(["waiting", "refused"])


class WaitingKnockSerializer(serializers.Serializer):
    body = SignedTextField("knock")
    sig = SignatureField()
    isig = OrEmptyField(SignatureField(), help_text="by the invitation's key; empty after a reset")
    identity = SignedIdentitySerializer()


class KnocksSerializer(PageSerializer):
    knocks = WaitingKnockSerializer(many=True, help_text="who asked first comes first")


class PersonInRoomSerializer(serializers.Serializer):
    uid = IdField()
    name = UserNameField()


class DescribedRoomSerializer(serializers.Serializer):
    """A room as its member sees it, without the message store's fields."""

    id = IdField()
    kind = ChoiceField(["group", "direct"])
    role = ChoiceField([Member.OWNER, Member.MODERATOR, Member.MEMBER])
    kid = HashField(help_text="the account's own key in the room's log")
    head = HeadField(help_text="[seq, hash] of the newest log event")
    e = IntegerField(1, help_text="epoch")
    open = BooleanField(help_text="whether messages are taken before a rotation")
    closed = BooleanField(help_text="for good")
    stopped = BooleanField(help_text="by the operator: it takes only `leave` and `close`")
    ended = serializers.DictField(
        child=ChoiceField(["deleted", "disabled"]),
        help_text="by uid, members whose accounts have ended: a named successor of such an owner "
        "may take over. Of one room, former members whose accounts were deleted, too",
    )
    bots = ListField(IdField(), help_text="members that are programs, by the server's word")
    unanswered = ListField(
        IdField(), help_text="for the owner, members who have not accepted: none can own the room"
    )
    accepted = BooleanField(help_text="false for a request that waits for an answer")
    asked_by = PersonInRoomSerializer(allow_null=True, help_text="who sent a request that waits")
    peer = PersonInRoomSerializer(allow_null=True, help_text="the other one in a direct room")
    knocks = IntegerField(help_text="how many ask to be let in, for who may let them")
    own_knock = OwnKnockSerializer(
        allow_null=True, help_text="the account's own request to be let in with new keys"
    )
    read = IntegerField(help_text="the read mark, a message seq")
    profiles = ProfileBoxSerializer(many=True)
