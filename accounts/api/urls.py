"""The API of accounts."""

from django.urls import path

from accounts.api import account, bots, passkeys, password_reset, second_factor, sessions, sso

app_name = "accounts"
urlpatterns = [
    path("auth/register", account.RegisterView.as_view(), name="register"),
    path("auth/register/look", account.SignUpLinkView.as_view(), name="register_look"),
    path("auth/login", account.LoginView.as_view(), name="login"),
    path(
        "auth/passkey/options",
        passkeys.PasskeySignInOptionsView.as_view(),
        name="passkey_sign_in_options",
    ),
    path("auth/passkey", passkeys.PasskeySignInView.as_view(), name="passkey_sign_in"),
    path(
        "auth/sso/back-channel-logout",
        sso.BackChannelLogoutView.as_view(),
        name="back_channel_logout",
    ),
    path("auth/bot", bots.BotSignInView.as_view(), name="bot_sign_in"),
    path("auth/refresh", account.RefreshView.as_view(), name="refresh"),
    path("auth/logout", account.LogoutView.as_view(), name="logout"),
    path("auth/reset", password_reset.ResetPasswordView.as_view(), name="reset"),
    path("auth/reset/ask", password_reset.AskForLinkView.as_view(), name="reset_ask"),
    path("auth/reset/look", password_reset.ResetLinkView.as_view(), name="reset_look"),
    path("me", account.MeView.as_view(), name="me"),
    path("me/password", sessions.PasswordView.as_view(), name="password"),
    path("me/sessions", sessions.SessionsView.as_view(), name="sessions"),
    path("me/sessions/<str:session>", sessions.SessionView.as_view(), name="session"),
    path("me/second_factor", second_factor.SecondFactorView.as_view(), name="second_factor"),
    path(
        "me/second_factor/secret",
        second_factor.SecondFactorSecretView.as_view(),
        name="second_factor_secret",
    ),
    path(
        "me/second_factor/codes",
        second_factor.SecondFactorCodesView.as_view(),
        name="second_factor_codes",
    ),
    path(
        "me/second_factor/off",
        second_factor.SecondFactorOffView.as_view(),
        name="second_factor_off",
    ),
    path("me/second_factor/passkeys", second_factor.PasskeysView.as_view(), name="passkeys"),
    path(
        "me/second_factor/passkeys/options",
        second_factor.PasskeyOptionsView.as_view(),
        name="passkey_options",
    ),
    path("me/second_factor/<int:factor>", second_factor.FactorView.as_view(), name="factor"),
    path(
        "me/second_factor/<int:factor>/remove",
        second_factor.FactorRemovalView.as_view(),
        name="factor_removal",
    ),
    path("me/bots", bots.BotsView.as_view(), name="bots"),
    path("me/bots/<str:bot>", bots.BotView.as_view(), name="bot"),
    path("me/bots/<str:bot>/tokens", bots.BotTokensView.as_view(), name="bot_tokens"),
    path("me/bots/<str:bot>/tokens/<str:token>", bots.BotTokenView.as_view(), name="bot_token"),
    path("me/sso", sso.SingleSignOnView.as_view(), name="sso"),
    path("me/delete", account.DeleteMeView.as_view(), name="delete_me"),
    path("identities", account.IdentitiesView.as_view(), name="identities"),
    path("users/<str:name>", account.PersonView.as_view(), name="person"),
    path("kit", account.KitView.as_view(), name="kit"),
    path("blocks", account.BlocksView.as_view(), name="blocks"),
    path("blocks/<str:uid>", account.BlockView.as_view(), name="block"),
]
