"""The payloads of bots: what validates them describes them."""

from __future__ import annotations

from rest_framework import serializers

from accounts.bots.actions import LONGEST
from accounts.bots.scopes import SCOPES
from accounts.serializers import NewNameField
from chatsite.lib.rest.fields import (
    BooleanField,
    ChoiceField,
    IdField,
    IntegerField,
    ListField,
    TextField,
    UserNameField,
)
from chatsite.lib.rest.pagination import PageSerializer
from chatsite.lib.rest.serializers import StrictSerializer

MOST_SCOPES = len(SCOPES)


class BotTokenTextSerializer(StrictSerializer):
    token = TextField(most=128, help_text="as it was shown once")


class BotTokenSerializer(serializers.Serializer):
    id = IdField()
    scopes = ListField(ChoiceField(SCOPES), most=MOST_SCOPES)
    made = IntegerField(help_text="ms")
    expires = IntegerField(help_text="ms")
    used = IntegerField(allow_null=True, help_text="the last sign-in by it, ms")


class MadeBotTokenSerializer(BotTokenSerializer):
    token = TextField(help_text="shown this once")


class BotSerializer(serializers.Serializer):
    uid = IdField()
    name = UserNameField()
    active = BooleanField(help_text="false once an administrator has disabled it")
    tokens = BotTokenSerializer(many=True, help_text="the newest first")


class BotsSerializer(PageSerializer):
    bots = BotSerializer(many=True, help_text="by name")


class NewBotSerializer(StrictSerializer):
    name = NewNameField()


class NewBotTokenSerializer(StrictSerializer):
    scopes = ListField(ChoiceField(SCOPES), least=1, most=MOST_SCOPES)
    days = IntegerField(1, LONGEST, help_text="until it ends")
