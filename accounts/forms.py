"""Forms of the pages of a person's own account."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.registration import LinkProof


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
