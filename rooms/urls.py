"""Pages and API of rooms, but for those that the message store completes (messaging/urls.py)."""

from django.urls import path

from rooms import api, views

pages = [
    path("", views.home, name="home"),
    path("rooms/", views.room_list, name="rooms"),
    path("rooms/new/", views.room_new, name="room_new"),
    path("rooms/<str:room>/", views.room, name="room"),
    path("i", views.invite, name="invite"),
]

endpoints = [
    path("chatrooms/join/<str:iid>", api.JoinView.as_view()),
    path("chatrooms/join/<str:iid>/items", api.JoinItemsView.as_view()),
    path("chatrooms/<str:room>/log", api.LogView.as_view()),
    path("chatrooms/<str:room>/invite", api.InviteView.as_view()),
    path("chatrooms/<str:room>/invites", api.InvitationsView.as_view()),
    path("chatrooms/<str:room>/keys", api.KeysView.as_view()),
    path("chatrooms/<str:room>/wraps", api.WrapsView.as_view()),
    path("chatrooms/<str:room>/key_request", api.KeyRequestView.as_view()),
]
