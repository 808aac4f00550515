"""Forms of the pages of a person's own account."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError

from accounts.factor.second_factor import Answer
from accounts.models import User
from accounts.passkeys.checking import Signed
from accounts.passkeys.serializers import SignedSerializer
from accounts.registration import LinkProof
from accounts.sign_in import signed_steps
from chatsite.lib import wire
from chatsite.lib.errors import Refused
from chatsite.lib.rest.views import validated

LONGEST_CODE = 64  # characters
MALFORMED = "The passkey's answer could not be read. Start again."


class SignUpForm(forms.Form):
    """A new account. The page's script adds `iid` and `proof` of an invitation link, or the secret
    of a sign-up link as `link`.
    """

    username = forms.CharField(label=_("User name"), max_length=64)
    password1 = forms.CharField(label=_("Password"), strip=False, max_length=4096)
    iid = forms.CharField(required=False, max_length=32)
    proof = forms.CharField(required=False, max_length=86)
    link = forms.CharField(required=False, max_length=64)

    def clean_username(self) -> str:
        """The model's rule for names, said beside the field."""
        name: str = self.cleaned_data["username"].lower()
        for validate in User._meta.get_field("name").validators:
            validate(name)
        return name

    @property
    def link_proof(self) -> LinkProof | None:
        given = self.cleaned_data
        return LinkProof(given["iid"], given["proof"]) if given.get("iid") else None


def factor_answer(request: HttpRequest) -> Answer:
    """The second factor in a form: `code`, or `passkey` as JSON. Raises Refused: `bad_wire`."""
    passkey = signed_passkey(request) if request.POST.get("passkey") else None
    code = request.POST.get("code", "")[:LONGEST_CODE]
    return Answer(code, passkey, signed_steps.browser_of(request))


def signed_passkey(request: HttpRequest) -> Signed:
    """The answer of a passkey in a form's field `passkey`. Raises Refused: `bad_wire`."""
    try:
        given = wire.decode_json(request.POST.get("passkey", "").encode())
        return Signed(**validated(SignedSerializer, given))
    except (wire.BadWire, ValidationError):
        raise Refused(MALFORMED, code="bad_wire") from None
