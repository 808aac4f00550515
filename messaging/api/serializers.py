"""Payloads of messages, search and files. The same serializers validate and describe them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from chatsite.lib.rest.errors import WIRE
from chatsite.lib.rest.fields import (
    Base64Field,
    BooleanField,
    ChoiceField,
    HashField,
    IdField,
    IntegerField,
    ListField,
    QueryIntegerField,
    SignatureField,
    SignedTextField,
    TextField,
)
from chatsite.lib.rest.serializers import QuerySerializer, StrictSerializer, many
from messaging.live.frames import MAX_TOKENS, TOKEN_VERSIONS

HIGHEST_TOKEN = 2**24 - 1
IV_BYTES = 12
PAGE, MOST_MESSAGES = 50, 200
MOST_GENERATIONS, MOST_TERMS, MOST_UIDS = 512, 16, 100
MOST_HITS, MOST_FILLED = 100, 200
PLACES = ("after", "before", "around", "at")
CURSOR_NEXT = "`after` of the next page, null at the end"


# --- what is asked --------------------------------------------------------------------------------


class HistoryQuerySerializer(QuerySerializer):
    before = QueryIntegerField(required=False, help_text="messages below this number")
    after = QueryIntegerField(required=False, help_text="messages above this number")
    around = QueryIntegerField(
        required=False, help_text="messages on both sides of this number, and the one itself"
    )
    at = QueryIntegerField(
        required=False, help_text="the same, around the first message at or after this moment, ms"
    )
    limit = QueryIntegerField(default=PAGE, help_text=f"at least 1, at most {MOST_MESSAGES} come")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(key in attrs for key in PLACES) > 1:
            raise ValidationError("after, before, around and at exclude each other", code=WIRE)
        return attrs


class ChangesQuerySerializer(QuerySerializer):
    first = QueryIntegerField(
        required=False, help_text="the page's first message; without it, the room's"
    )
    last = QueryIntegerField(
        required=False,
        help_text="the page's last message; without it, the first alone; without both, all changes "
        "of the room",
    )
    before = QueryIntegerField(required=False, help_text="changes below this number")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first, last = attrs.pop("first", None), attrs.pop("last", None)
        if first is None and last is None:
            return {**attrs, "span": None}
        return {**attrs, "span": (first or 0, first if last is None else last)}


class UnreadQuerySerializer(QuerySerializer):
    after = QueryIntegerField(default=0, help_text="messages above this number: the read mark")
    before = QueryIntegerField(required=False, help_text="messages below this number")


class BareQuerySerializer(QuerySerializer):
    after = QueryIntegerField(default=0, help_text="messages above this number")
    limit = QueryIntegerField(
        default=MOST_FILLED, help_text=f"at least 1, at most {MOST_FILLED} come"
    )
    version = QueryIntegerField(
        1, max(TOKEN_VERSIONS), default=1, help_text="of the tokens that are lacking"
    )


class TermsSerializer(StrictSerializer):
    g = IntegerField(1, help_text="generation of the search key")
    t = ListField(
        IntegerField(0, HIGHEST_TOKEN), least=1, most=MOST_TERMS, help_text="24-bit tokens"
    )


class QuestionSerializer(StrictSerializer):
    tokens = many(
        TermsSerializer,
        least=1,
        most=MOST_GENERATIONS,
        help_text="for each generation, one token for each term",
    )
    order = ChoiceField(["newest", "relevance"], default="newest")
    uids = ListField(IdField(), most=MOST_UIDS, default=list)
    since = IntegerField(required=False, help_text="ms")
    until = IntegerField(required=False, help_text="ms")
    files: Any = BooleanField(default=False, help_text="only with attachments")
    limit = IntegerField(1, MOST_HITS, default=PAGE)
    cursor = TextField(required=False, allow_null=True, help_text="of the page before")

    def validate_tokens(self, value: list[dict[str, Any]]) -> dict[int, tuple[int, ...]]:
        """Distinct generations, each with the same number of terms in the same order."""
        found = {one["g"]: tuple(one["t"]) for one in value}
        if len(found) < len(value) or len({len(tokens) for tokens in found.values()}) > 1:
            raise ValidationError("generations are distinct, and have the same terms", code=WIRE)
        return found


class MessageTokensSerializer(StrictSerializer):
    seq = IntegerField(1)
    g = IntegerField(1, help_text="generation of the search key")
    t = ListField(IntegerField(0, HIGHEST_TOKEN), most=MAX_TOKENS, ascending=True)


class FillSerializer(StrictSerializer):
    """The result maps each message's number to its generation and tokens."""

    messages = many(MessageTokensSerializer, most=MOST_FILLED)
    v = IntegerField(1, max(TOKEN_VERSIONS), default=1, help_text="version of the tokens")

    def validate_messages(self, value: list[Any]) -> dict[int, tuple[int, tuple[int, ...]]]:
        return {one["seq"]: (one["g"], tuple(one["t"])) for one in value}


# --- answers --------------------------------------------------------------------------------------


class MessageSerializer(serializers.Serializer):
    seq = IntegerField(1)
    h = SignedTextField("message", help_text="the header, as signed")
    iv = Base64Field(IV_BYTES)
    ct = Base64Field(required=False, help_text="not of what was erased")
    sha = HashField(required=False, help_text="SHA-256 of the ct that was erased")
    sig = SignatureField()
    re = ListField(IntegerField(1), required=False, help_text="what it changes")
    files: Any = ListField(IdField(), required=False)

    def get_fields(self) -> dict[str, Any]:
        erased_by = IntegerField(required=False, help_text="seq of what erased it")
        return {**super().get_fields(), "del": erased_by}


class StoredFileSerializer(serializers.Serializer):
    id = IdField()
    size = IntegerField(help_text="bytes, sealed")


class StoredMessageSerializer(MessageSerializer):
    files = StoredFileSerializer(many=True)
    uid = IdField()
    dev = IdField()
    n = IntegerField(1)
    cid = IdField()
    id = HashField()
    e = IntegerField(1)
    at = IntegerField(help_text="when it came, ms")
    g = IntegerField(help_text="generation of the tokens")
    tokens = ListField(IntegerField(0, HIGHEST_TOKEN))
    token_version = IntegerField(1)
    size = IntegerField(help_text="bytes of ciphertext")


class StoredSerializer(serializers.Serializer):
    stored = StoredMessageSerializer()


class ChangesSerializer(serializers.Serializer):
    refs = MessageSerializer(many=True, help_text="the newest later ones that change some of these")
    more_refs = IntegerField(
        allow_null=True, help_text="there are more below this number: ask `refs` for them"
    )


class HistorySerializer(ChangesSerializer):
    messages = MessageSerializer(many=True)
    around = IntegerField(
        allow_null=True, help_text="the number that the page is around, null for other pages"
    )
    first = IntegerField(help_text="the oldest number still there, 0 for none")
    head = IntegerField(help_text="the newest number, 0 for none")


class AuthorSerializer(serializers.Serializer):
    uid = IdField()
    seqs = ListField(IntegerField(1), help_text="of the messages that can be unread, newest first")


class UnreadSerializer(serializers.Serializer):
    authors = AuthorSerializer(many=True)
    more = IntegerField(allow_null=True, help_text="`before` of the next page, null at the end")


class HitSerializer(MessageSerializer):
    g = IntegerField()
    matched = ListField(IntegerField(), help_text="which terms")


class HitsSerializer(serializers.Serializer):
    hits = HitSerializer(many=True)
    refs = MessageSerializer(many=True, help_text="what hits correct, and what changes either")
    whole: Any = BooleanField(help_text="false: there is too much of that, and `refs` is empty")
    df = ListField(IntegerField(), help_text="messages with each term, for relevance")
    total = IntegerField(help_text="messages in the room")
    indexed = IntegerField(help_text="of these, how many carry tokens")
    older: Any = BooleanField(help_text="whether some carry tokens of version 1 only")
    cursor = TextField(allow_null=True, help_text="of the next page, null at the end")


class BareSerializer(serializers.Serializer):
    rows = MessageSerializer(many=True)
    missing = IntegerField()
    cursor = IntegerField(allow_null=True, help_text=CURSOR_NEXT)


class FilledSerializer(serializers.Serializer):
    taken = IntegerField()


class FileSerializer(serializers.Serializer):
    id = IdField()


class LimitsSerializer(serializers.Serializer):
    most = IntegerField(help_text="bytes that a sealed file may have")
    left = IntegerField(help_text="bytes that the account may still store")
    room_left = IntegerField(
        allow_null=True,
        help_text="bytes that files of the room may still take; null: it has no limit of its own",
    )
