"""The pages of accounts. Links to /accounts/… keep the addresses that allauth gives them."""

from django.urls import path

from accounts import views
from accounts.passkeys import views as passkeys
from accounts.sso import views as sso

urlpatterns = [
    path("accounts/login/", views.log_in, name="account_login"),
    path("accounts/signup/", views.sign_up, name="account_signup"),
    path("accounts/logout/", views.log_out, name="account_logout"),
    path("accounts/inactive/", views.inactive, name="account_inactive"),
    path("accounts/passkey/", passkeys.sign_in, name="passkey_log_in"),
    path("accounts/passkey/options/", passkeys.options, name="passkey_log_in_options"),
    path("accounts/sso/", sso.begin, name="sso"),
    path("accounts/sso/callback/", sso.callback, name="sso_callback"),
    path("accounts/sso/code/", sso.code, name="sso_code"),
    path("reset", views.reset, name="reset"),
    path("keys/", views.keys, name="keys"),
    path("settings/", views.account_settings, name="settings"),
    path("settings/sessions/", views.sessions, name="sessions"),
    path("settings/second-factor/", views.second_factor_settings, name="second_factor"),
    path("settings/bots/", views.bots, name="bots"),
    path("settings/password/", views.password, name="password"),
]
