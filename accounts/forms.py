"""Forms about oneself, for browsers with and without scripts."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PasswordForm(forms.Form):
    old = forms.CharField(label=_("Your password"), strip=False, max_length=4096)
    new = forms.CharField(label=_("New password"), strip=False, max_length=4096)
