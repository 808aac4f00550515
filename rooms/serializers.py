"""Shapes for the OpenAPI document. They describe; `payloads` and `events` check."""

from rest_framework import serializers


class WrapSchema(serializers.Serializer):
    e = serializers.IntegerField(min_value=1, help_text="epoch")
    to = serializers.CharField(help_text="kid of the recipient")
    ct = serializers.CharField(help_text="RSA-OAEP of the epoch's key, 384 bytes, base64url")


class BoxSchema(serializers.Serializer):
    e = serializers.IntegerField(min_value=1)
    box = serializers.CharField()


class LinkKeysSchema(serializers.Serializer):
    iid = serializers.CharField()
    escrow = serializers.CharField()
    item = serializers.CharField()


class SignedEventSchema(serializers.Serializer):
    event = serializers.CharField(help_text="canonical event body, as signed")
    sig = serializers.CharField(help_text="Ed25519 over its PAE, base64url")


class CreateSchema(SignedEventSchema):
    wraps = WrapSchema(many=True)


class ProfileSchema(SignedEventSchema):
    profile = BoxSchema()
    files = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="the avatar's id, or none; left out, it stays",
    )


class EventSchema(SignedEventSchema):
    wraps = WrapSchema(many=True, required=False)
    profile = BoxSchema(required=False)
    invites = LinkKeysSchema(many=True, required=False)


class InviteSchema(SignedEventSchema):
    card = serializers.CharField()
    escrow = BoxSchema(required=False)
    items = BoxSchema(many=True, required=False)


class HeadSchema(serializers.Serializer):
    id = serializers.CharField()
    head = serializers.ListField(help_text="[seq, hash] of the newest event")


class IdentitySchema(serializers.Serializer):
    body = serializers.CharField()
    sig = serializers.CharField()


class LogSchema(serializers.Serializer):
    events = SignedEventSchema(many=True)
    head = serializers.ListField()
    identities = IdentitySchema(many=True)
    more = serializers.BooleanField()


class PreviewSchema(serializers.Serializer):
    room = serializers.CharField()
    events = SignedEventSchema(many=True)
    head = serializers.ListField()
    identities = IdentitySchema(many=True)
    more = serializers.BooleanField(help_text="whether events follow")
    card = serializers.CharField()
    state = serializers.CharField()


class ItemsSchema(serializers.Serializer):
    items = BoxSchema(many=True)
    more = serializers.IntegerField(allow_null=True, help_text="`after` of the next page")


class JoinedSchema(ItemsSchema):
    room = serializers.CharField()
    head = serializers.ListField()


class InvitationSchema(serializers.Serializer):
    iid = serializers.CharField()
    by = serializers.CharField()
    exp = serializers.IntegerField(help_text="ms")
    max = serializers.IntegerField()
    uses = serializers.IntegerField()
    state = serializers.ChoiceField(["open", "revoked", "voided", "used", "expired"])


class InvitationsSchema(serializers.Serializer):
    invites = InvitationSchema(many=True)


class EscrowSchema(BoxSchema):
    iid = serializers.CharField()


class KeysSchema(serializers.Serializer):
    wraps = WrapSchema(many=True)
    profiles = BoxSchema(many=True)
    escrows = EscrowSchema(many=True)
    more = serializers.IntegerField(allow_null=True, help_text="`after` of the next page")


class WrapsSchema(serializers.Serializer):
    wraps = WrapSchema(many=True)


class KeyRequestSchema(serializers.Serializer):
    e = serializers.ListField(child=serializers.IntegerField(min_value=1))


class WrapsOfSchema(serializers.Serializer):
    wraps = serializers.DictField(
        child=serializers.ListField(child=serializers.IntegerField()),
        help_text="epochs whose key is wrapped to a member, by kid",
    )
    more = serializers.CharField(allow_null=True, help_text="`after` of the next page")


class BoxesSchema(serializers.Serializer):
    profile = BoxSchema(required=False)
    invites = LinkKeysSchema(many=True, required=False)


class SignedBodySchema(serializers.Serializer):
    body = serializers.CharField(help_text="canonical knock body, as signed")
    sig = serializers.CharField()


class KnockSchema(SignedBodySchema):
    isig = serializers.CharField(help_text="by the invitation's key; empty after a reset")


class KnockStateSchema(serializers.Serializer):
    state = serializers.ChoiceField(["waiting", "member", "refused", "none"])


class KnockAtSchema(KnockSchema):
    identity = IdentitySchema()


class KnocksSchema(serializers.Serializer):
    knocks = KnockAtSchema(many=True)
