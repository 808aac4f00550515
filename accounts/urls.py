"""Pages and API of accounts. Of allauth's pages only those that this site uses."""

from allauth.account import views as allauth
from django.urls import path

from accounts import api, reset_api, sign_in_api, views
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
    path("auth/register", api.RegisterView.as_view()),
    path("auth/login", api.LoginView.as_view()),
    path("auth/refresh", api.RefreshView.as_view()),
    path("auth/logout", api.LogoutView.as_view()),
    path("auth/reset", reset_api.ResetPasswordView.as_view()),
    path("auth/reset/look", reset_api.ResetLinkView.as_view()),
    path("me", api.MeView.as_view()),
    path("me/password", sign_in_api.PasswordView.as_view()),
    path("me/sessions", sign_in_api.SessionsView.as_view()),
    path("me/sessions/<str:session>", sign_in_api.SessionView.as_view()),
    path("me/delete", api.DeleteMeView.as_view()),
    path("identities", api.IdentitiesView.as_view()),
    path("users/<str:name>", api.PersonView.as_view()),
    path("kit", api.KitView.as_view()),
    path("blocks", api.BlocksView.as_view()),
    path("blocks/<str:uid>", api.BlockView.as_view()),
]
