"""Payloads of passkeys, under the names that WebAuthn gives them in JSON."""
# ruff: noqa: N815

from __future__ import annotations

from rest_framework import serializers

from chatsite.lib.rest.fields import Base64Field, Describe, StrictField, TextField
from chatsite.lib.rest.serializers import StrictSerializer

LONGEST_STATE = 1000  # characters
LONGEST_NAME = 64
CLIENT_DATA = 4096  # bytes
ATTESTATION = 8192
SIGNATURE = 8192


class OptionsField(StrictField):
    """Options as WebAuthn's `parse…OptionsFromJSON` take them. Only in answers."""

    def describe(self) -> Describe:
        return {"type": "object", "additionalProperties": True}


class AskedSerializer(serializers.Serializer):
    options = OptionsField(help_text="for the browser's `navigator.credentials`")
    state = TextField(help_text="comes back with the credential, once, within 5 minutes")


class AssertionSerializer(StrictSerializer):
    clientDataJSON = Base64Field(least=1, most=CLIENT_DATA)
    authenticatorData = Base64Field(least=1, most=1024)
    signature = Base64Field(least=1, most=SIGNATURE)
    userHandle = Base64Field(least=1, most=64, required=False, allow_null=True)


class AttestationSerializer(StrictSerializer):
    clientDataJSON = Base64Field(least=1, most=CLIENT_DATA)
    attestationObject = Base64Field(least=1, most=ATTESTATION)


class UsedSerializer(StrictSerializer):
    id = Base64Field(least=1, most=1023)
    response = AssertionSerializer()


class MadeSerializer(StrictSerializer):
    id = Base64Field(least=1, most=1023)
    response = AttestationSerializer()


class SignedSerializer(StrictSerializer):
    state = TextField(most=LONGEST_STATE)
    credential = UsedSerializer()


class PasskeyNameSerializer(StrictSerializer):
    name = TextField(least=1, most=LONGEST_NAME, help_text="for its person alone")


class NewPasskeySerializer(PasskeyNameSerializer):
    state = TextField(most=LONGEST_STATE)
    credential = MadeSerializer()
