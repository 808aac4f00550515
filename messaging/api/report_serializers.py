"""Payloads of reports."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from chatsite.lib import signatures, wire
from chatsite.lib.rest.errors import WIRE
from chatsite.lib.rest.fields import (
    Base64Field,
    ChoiceField,
    HashField,
    IdField,
    IntegerField,
    PaddedBoxField,
    SignatureField,
    SignedTextField,
    TextField,
)
from chatsite.lib.rest.pagination import PageSerializer
from chatsite.lib.rest.serializers import StrictSerializer, many
from messaging.reports.actions import ReportGiven
from messaging.reports.models import Report
from messaging.reports.selectors import MOST_RECEIVERS
from rooms.serializers import LogSerializer

MOST_BOX = wire.IV_AND_TAG + 8192  # bytes: a key, a reason and a note of 1,000 characters


class SealedKeySerializer(StrictSerializer):
    to = HashField(help_text="kid of a leader, or the hash of the site's report key")
    ct = Base64Field(wire.RSA_BYTES, help_text="RSA-OAEP of the report's key")


class MakeReportSerializer(StrictSerializer):
    """A report. The result is a ReportGiven."""

    body = SignedTextField("report", help_text="as signed")
    sig = SignatureField()
    box = PaddedBoxField(help_text="the message's key, a reason and a note")
    keys = many(SealedKeySerializer, least=1, most=MOST_RECEIVERS)

    def validate(self, attrs: Any) -> Any:
        keys = {one["to"]: one["ct"] for one in attrs["keys"]}
        if len(keys) != len(attrs["keys"]):
            raise ValidationError("two keys for one reader", code=WIRE)
        if len(wire.unb64(attrs["box"])) > MOST_BOX:
            raise ValidationError("a box of the wrong size", code=WIRE)
        return ReportGiven(attrs["body"], attrs["sig"], attrs["box"], keys)


class ReportMadeSerializer(serializers.Serializer):
    rid = IdField()


class OutcomeSerializer(StrictSerializer):
    outcome = ChoiceField(Report.IN_ROOM, help_text="what was done about it")


class ReportedRowSerializer(serializers.Serializer):
    seq = IntegerField(1)
    h = SignedTextField("message")
    iv = Base64Field(12)
    ct = Base64Field()
    sig = SignatureField()


class SealedReportSerializer(serializers.Serializer):
    body = SignedTextField("report")
    sig = SignatureField()
    box = Base64Field()
    key = Base64Field(wire.RSA_BYTES, help_text="sealed to the reader")
    row = ReportedRowSerializer(help_text="the message as it was sent, also if it is erased now")


class ReportSerializer(SealedReportSerializer):
    """A report to the caller's kid in this room."""

    state = ChoiceField([name for name, _ in Report.STATES])
    handler = IdField(allow_null=True)
    at = IntegerField(help_text="ms")


class ReportsSerializer(PageSerializer):
    reports = ReportSerializer(many=True, help_text="the newest first")


class SiteReportKeySerializer(serializers.Serializer):
    spki = TextField(help_text="the public key, to be pinned and shown")
    at = IntegerField(help_text="when it was made, ms")


class ReportKeySerializer(serializers.Serializer):
    key = SiteReportKeySerializer(allow_null=True, help_text="null: the site takes no reports")


class NewSiteKeySerializer(StrictSerializer):
    spki = Base64Field(signatures.SPKI_BYTES, help_text="the public key")


class SiteKeySerializer(serializers.Serializer):
    rk = HashField(help_text="the key's hash")


class ReportToSiteSerializer(serializers.Serializer):
    report = SealedReportSerializer(allow_null=True, help_text="with the first page of the log")
    rk = HashField(help_text="of the key that it is sealed to")
    log = LogSerializer(allow_null=True, help_text="null: the room does not exist any more")
