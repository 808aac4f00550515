"""Pages and API of rooms, but for those that the message store completes (messaging/urls.py)."""

from django.urls import path

from rooms import api, knock_api, views

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
    path("chatrooms/join/<str:iid>/knock", knock_api.KnockByLinkView.as_view()),
    path("chatrooms/<str:room>/knock", knock_api.KnockAfterResetView.as_view()),
    path("chatrooms/<str:room>/knocks", knock_api.KnocksView.as_view()),
    path("chatrooms/<str:room>/knocks/<str:uid>", knock_api.KnockView.as_view()),
    path("chatrooms/<str:room>/boxes", api.BoxesView.as_view()),
    path("chatrooms/<str:room>/accept", api.AcceptView.as_view()),
    path("chatrooms/<str:room>/log", api.LogView.as_view()),
    path("chatrooms/<str:room>/invite", api.InviteView.as_view()),
    path("chatrooms/<str:room>/invites", api.InvitationsView.as_view()),
    path("chatrooms/<str:room>/keys", api.KeysView.as_view()),
    path("chatrooms/<str:room>/wraps", api.WrapsView.as_view()),
    path("chatrooms/<str:room>/key_request", api.KeyRequestView.as_view()),
]
