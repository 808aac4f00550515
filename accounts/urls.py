"""Pages and API of accounts. Of allauth's pages only those that this site uses."""

from allauth.account import views as allauth
from django.urls import path

from accounts import views
from accounts.api import account, password_reset, sessions
from accounts.limits import login_form

pages = [
    path("accounts/login/", login_form(allauth.login), name="account_login"),
    path("accounts/signup/", views.sign_up, name="account_signup"),
    path("accounts/logout/", allauth.logout, name="account_logout"),
    path("accounts/inactive/", allauth.account_inactive, name="account_inactive"),
    path("reset", views.reset, name="reset"),
    path("keys/", views.keys, name="keys"),
    path("settings/", views.settings, name="settings"),
    path("settings/sessions/", views.sessions, name="sessions"),
    path("settings/sessions/others/", views.end_other_sessions, name="sessions_end"),
    path("settings/sessions/<str:session>/", views.end_session, name="session_end"),
    path("settings/password/", views.password, name="password"),
    path("settings/password/changed/", views.password_changed, name="password_changed"),
]

endpoints = [
    path("auth/register", account.RegisterView.as_view()),
    path("auth/login", account.LoginView.as_view()),
    path("auth/refresh", account.RefreshView.as_view()),
    path("auth/logout", account.LogoutView.as_view()),
    path("auth/reset", password_reset.ResetPasswordView.as_view()),
    path("auth/reset/look", password_reset.ResetLinkView.as_view()),
    path("me", account.MeView.as_view()),
    path("me/password", sessions.PasswordView.as_view()),
    path("me/sessions", sessions.SessionsView.as_view()),
    path("me/sessions/<str:session>", sessions.SessionView.as_view()),
    path("me/delete", account.DeleteMeView.as_view()),
    path("identities", account.IdentitiesView.as_view()),
    path("users/<str:name>", account.PersonView.as_view()),
    path("kit", account.KitView.as_view()),
    path("blocks", account.BlocksView.as_view()),
    path("blocks/<str:uid>", account.BlockView.as_view()),
]
