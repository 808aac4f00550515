"""The payloads of summaries: what validates them describes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from chatsite.lib import wire
from chatsite.lib.rest.fields import (
    Base64Field,
    BooleanField,
    ChoiceField,
    HashField,
    IdField,
    IntegerField,
    ListField,
    SignatureField,
    SignedTextField,
    TextField,
)
from chatsite.lib.rest.pagination import PageSerializer
from chatsite.lib.rest.serializers import StrictSerializer
from summaries.actions import Ask


class AskSerializer(StrictSerializer):
    """A sealed question. The result is an Ask."""

    rid = IdField()
    wk = HashField(help_text="SHA-256 of the worker's SPKI")
    ek = Base64Field(wire.RSA_BYTES, help_text="the question's key, for the worker")
    box = Base64Field(help_text="the question")
    dis = IntegerField(help_text="seq of the account's own disclose event")

    def validate(self, attrs: Any) -> Any:
        return Ask(
            request_id=attrs["rid"],
            worker_key_hash=attrs["wk"],
            sealed_key=attrs["ek"],
            box=attrs["box"],
            disclose_seq=attrs["dis"],
        )


class SharedSerializer(StrictSerializer):
    body = SignedTextField("summary", help_text="as signed")
    sig = SignatureField()
    box = Base64Field(help_text="under the keys of the epochs that it covers")


class WorkerSerializer(serializers.Serializer):
    spki = Base64Field(help_text="the public key, to be pinned and shown")
    engine = ChoiceField(["openai", "extractive"])
    models = ListField(TextField())
    embedded = BooleanField(help_text="in the same process as the web server")
    most_messages = IntegerField()
    most_bytes = IntegerField()


class SummarySerializer(SharedSerializer):
    at = IntegerField(help_text="ms")


class RequestSerializer(serializers.Serializer):
    rid = IdField()
    state = ChoiceField(["queued", "working", "done", "failed", "cancelled"])
    to = IntegerField()
    done = IntegerField(help_text="parts")
    total = IntegerField(help_text="parts, 0 while nobody knows")
    answer = Base64Field(allow_null=True)
    code = TextField()
    detail = TextField()

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), "from": IntegerField()}


class OverviewSerializer(PageSerializer):
    worker = WorkerSerializer(allow_null=True)
    summaries = SummarySerializer(many=True, help_text="the newest first")
    requests = RequestSerializer(
        many=True, help_text="the account's own of the last day, without their answers"
    )
