"""Shapes for the OpenAPI document. They describe; `wire` and `rest.field` check."""

from rest_framework import serializers


class CredentialsSchema(serializers.Serializer):
    name = serializers.RegexField(r"^[a-z0-9_.-]{3,32}$")
    password = serializers.CharField(min_length=10)


class LinkProofSchema(serializers.Serializer):
    iid = serializers.RegexField(r"^[0-9a-f]{32}$")
    sig = serializers.CharField(help_text='by the link, "register" over {"v":1,"iid","name"}')


class RegistrationSchema(CredentialsSchema):
    invite = LinkProofSchema(required=False, help_text="where new accounts need a link")


class TokensSchema(serializers.Serializer):
    access = serializers.CharField(help_text="JWT, valid for 15 minutes")
    refresh = serializers.CharField(help_text="use once; a second use ends the sign-in")


class SignedInSchema(TokensSchema):
    uid = serializers.RegexField(r"^[0-9a-f]{32}$")
    name = serializers.CharField()


class RefreshSchema(serializers.Serializer):
    refresh = serializers.CharField()


class MeSchema(serializers.Serializer):
    uid = serializers.CharField()
    name = serializers.CharField()
    kid = serializers.CharField(allow_null=True)


class SignedBodySchema(serializers.Serializer):
    body = serializers.CharField(help_text="canonical identity body, as signed")
    sig = serializers.CharField(help_text="Ed25519 over its PAE, base64url")


class NewIdentitySchema(SignedBodySchema):
    password = serializers.CharField(required=False, help_text="for a reset (n > 1)")


class PasswordSchema(serializers.Serializer):
    password = serializers.CharField()


class SessionSchema(serializers.Serializer):
    id = serializers.CharField()
    kind = serializers.ChoiceField(["browser", "program"])
    agent = serializers.CharField(help_text='as "Firefox on Linux", or empty')
    address = serializers.CharField(help_text="the network it began from, or empty")
    made = serializers.IntegerField(help_text="ms")
    seen = serializers.IntegerField(help_text="last used, ms, to a few minutes")
    current = serializers.BooleanField(help_text="whether this request is made by it")


class SessionsSchema(serializers.Serializer):
    sessions = SessionSchema(many=True)


class NewPasswordSchema(serializers.Serializer):
    old = serializers.CharField()
    new = serializers.CharField(min_length=10)


class ResetLinkSchema(serializers.Serializer):
    secret = serializers.CharField(help_text="what follows #1. in the link")


class ResetPasswordSchema(ResetLinkSchema):
    new = serializers.CharField(min_length=10)


class ResetNameSchema(serializers.Serializer):
    name = serializers.CharField()


class PersonSchema(serializers.Serializer):
    uid = serializers.CharField()
    name = serializers.CharField()
    identity = SignedBodySchema(allow_null=True, help_text="the newest, null before the first")


class SealedKitSchema(serializers.Serializer):
    v = serializers.IntegerField()
    uid = serializers.CharField()
    kid = serializers.CharField()
    salt = serializers.CharField()
    box = serializers.CharField(help_text="opened by the code, which is not here")


class KitSchema(serializers.Serializer):
    kit = SealedKitSchema()


class BlockedSchema(serializers.Serializer):
    uid = serializers.CharField()
    name = serializers.CharField()


class BlocksSchema(serializers.Serializer):
    blocks = BlockedSchema(many=True)


class KidSchema(serializers.Serializer):
    kid = serializers.CharField()


class IdentitiesSchema(serializers.Serializer):
    identities = SignedBodySchema(many=True)
