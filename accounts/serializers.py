"""The payloads of accounts: what validates them describes them."""

from __future__ import annotations

from rest_framework import serializers

from accounts.identity import KIT_LEAST, KIT_MOST
from accounts.passkeys.serializers import LONGEST_STATE, SignedSerializer
from chatsite.lib.rest.fields import (
    Base64Field,
    BooleanField,
    ChoiceField,
    Describe,
    HashField,
    IdField,
    IntegerField,
    ListField,
    SignatureField,
    SignedTextField,
    TextField,
    UserNameField,
)
from chatsite.lib.rest.pagination import PageSerializer
from chatsite.lib.rest.serializers import QuerySerializer, StrictSerializer

MOST_KIDS = 100
SHORTEST_PASSWORD = 10
NAME_PATTERN = "^[A-Za-z0-9_.-]{3,32}$"


class NewPasswordField(TextField):
    """A password that is not set yet. What makes a good one `validate_password` decides, which
    says what to change.
    """

    def describe(self) -> Describe:
        return {**super().describe(), "minLength": SHORTEST_PASSWORD}


class NewNameField(TextField):
    """A user name as somebody writes it: registration keeps it in lower case, and says what a
    name may be made of.
    """

    def describe(self) -> Describe:
        return {"type": "string", "pattern": NAME_PATTERN}


class FactorSerializer(StrictSerializer):
    """The second factor, where the account has one: a code or a passkey. Without either the answer
    is `second_factor`, with what may answer.
    """

    code = TextField(required=False, help_text="of the authenticator app, or a recovery code")
    passkey = SignedSerializer(required=False, help_text="in place of a code")


class CredentialsSerializer(FactorSerializer):
    name = TextField()
    password = TextField()


class LinkProofSerializer(StrictSerializer):
    """A proof by an invitation link. Whatever does not prove anything gets the one refusal
    that says what to do: `bad_invitation`.
    """

    iid = TextField(help_text="of the invitation")
    sig = TextField(help_text='by the link, "register" over {"v":1,"iid","name"}')


class RegistrationSerializer(StrictSerializer):
    name = NewNameField()
    password = NewPasswordField()
    invite = LinkProofSerializer(
        required=False, allow_null=True, help_text="where new accounts need a link"
    )
    link = TextField(
        required=False, allow_null=True, help_text="in its place, a sign-up link's secret"
    )


class TokensSerializer(serializers.Serializer):
    access = TextField(help_text="JWT, valid for 15 minutes")
    refresh = TextField(help_text="use once; a second use ends the sign-in")


class SignedInSerializer(TokensSerializer):
    uid = IdField()
    name = UserNameField()


class RefreshSerializer(StrictSerializer):
    refresh = TextField()


class LogoutSerializer(StrictSerializer):
    refresh = TextField(required=False, help_text="left out, the sign-in of the bearer token ends")


class PresentKeysSerializer(serializers.Serializer):
    kid = HashField()
    made = IntegerField(help_text="when they were published, ms")
    agent = TextField(help_text='the browser, as "Firefox on Linux", or empty')
    address = TextField(help_text="the network, or empty")


class MeSerializer(serializers.Serializer):
    uid = IdField()
    name = UserNameField()
    kid = HashField(allow_null=True)
    keys = PresentKeysSerializer(allow_null=True, help_text="the account's present identity")
    kit = BooleanField(help_text="true if a recovery kit is kept here, without its code")
    bot = BooleanField(help_text="true for the account of a program")


class SignedIdentitySerializer(StrictSerializer):
    body = SignedTextField("identity", help_text="canonical identity body, as signed")
    sig = SignatureField(help_text="Ed25519 over its PAE")


class NewIdentitySerializer(SignedIdentitySerializer):
    password = TextField(required=False, allow_null=True, help_text="for a reset (n > 1)")


class PasswordSerializer(StrictSerializer):
    password = TextField()


class ConfirmationSerializer(StrictSerializer):
    password = TextField(
        required=False, allow_null=True, help_text="left out by who has none, and has confirmed"
    )


class FactorRowSerializer(serializers.Serializer):
    id = IntegerField()
    made = IntegerField(help_text="ms")
    used = IntegerField(allow_null=True, help_text="last used, ms")


class PasskeyRowSerializer(FactorRowSerializer):
    name = TextField()


class SecondFactorSerializer(serializers.Serializer):
    on = BooleanField()
    needed = BooleanField(help_text="true if a role in the admin or the site asks for it")
    codes = IntegerField(help_text="recovery codes that are left")
    app = FactorRowSerializer(allow_null=True, help_text="the authenticator app")
    passkeys = PasskeyRowSerializer(many=True, help_text="at most 20, the first made first")


class AppSecretSerializer(serializers.Serializer):
    secret = TextField(help_text="base32, for an authenticator app")
    uri = TextField(help_text="otpauth://totp/…")
    svg = TextField(help_text="the uri as a QR code")
    state = TextField(help_text="comes back with a code, within an hour")


class AddAppSerializer(StrictSerializer):
    state = TextField(most=LONGEST_STATE)
    code = TextField(help_text="of the app that has the secret")


class ConfirmSerializer(FactorSerializer):
    password = TextField()


class RecoveryCodesSerializer(serializers.Serializer):
    codes = ListField(TextField(), most=10)


class AddedPasskeySerializer(RecoveryCodesSerializer):
    id = IntegerField()


class SingleSignOnSerializer(serializers.Serializer):
    linked = BooleanField()
    password = BooleanField(help_text="false for an account that has none here")
    confirmed = BooleanField(
        help_text="true for ten minutes after the provider asked anew who this is, as takes the "
        "place of a password"
    )


class LogoutTokenSerializer(StrictSerializer):
    logout_token = TextField(most=8192, help_text="a JWT, signed by the provider")


class SessionSerializer(serializers.Serializer):
    id = IdField()
    kind = ChoiceField(["browser", "program"])
    agent = TextField(help_text='as "Firefox on Linux", or empty')
    address = TextField(help_text="the network it began from, or empty")
    made = IntegerField(help_text="ms")
    seen = IntegerField(help_text="last used, ms, to a few minutes")
    current = BooleanField(help_text="whether this request is made by it")


class SessionsSerializer(PageSerializer):
    sessions = SessionSerializer(many=True, help_text="the last used first")


class NewPasswordSerializer(StrictSerializer):
    old = TextField()
    new = NewPasswordField()


class LinkSecretSerializer(StrictSerializer):
    secret = TextField(help_text="what follows #1. in the link")


class SignUpLinkSerializer(serializers.Serializer):
    administrator = BooleanField(help_text="true if the account will be an administrator's")
    expires = IntegerField(help_text="ms")


class AskForLinkSerializer(StrictSerializer):
    name = TextField(help_text="the user name")


class ResetPasswordSerializer(LinkSecretSerializer):
    new = NewPasswordField()


class ResetNameSerializer(serializers.Serializer):
    name = UserNameField()


class PersonSerializer(serializers.Serializer):
    uid = IdField()
    name = UserNameField()
    bot = BooleanField(help_text="true for the account of a program")
    identity = SignedIdentitySerializer(
        allow_null=True, help_text="the newest, null before the first"
    )


class SealedKitSerializer(StrictSerializer):
    v = IntegerField(1, 1)
    uid = IdField()
    kid = HashField()
    salt = Base64Field(32)
    box = Base64Field(
        least=KIT_LEAST, most=KIT_MOST, help_text="opened by the code, which is not here"
    )


class KitSerializer(StrictSerializer):
    kit = SealedKitSerializer()


class BlockedSerializer(serializers.Serializer):
    uid = IdField()
    name = UserNameField()


class BlocksSerializer(PageSerializer):
    blocks = BlockedSerializer(many=True, help_text="by name")


class KidSerializer(serializers.Serializer):
    kid = HashField()


class KidsSerializer(QuerySerializer):
    kid = ListField(HashField(), most=MOST_KIDS, default=list)


class IdentitiesSerializer(serializers.Serializer):
    identities = SignedIdentitySerializer(many=True)
