"""The pages of accounts. Of allauth's pages only those that this site uses."""

from allauth.account import views as allauth
from django.urls import path

from accounts import views
from accounts.limits import login_form

urlpatterns = [
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
