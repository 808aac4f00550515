"""Pages and API of rooms, but for those that the message store completes (messaging/urls.py)."""

from django.urls import path

from rooms import views
from rooms.api import join_requests, rooms

pages = [
    path("", views.home, name="home"),
    path("rooms/", views.room_list, name="rooms"),
    path("rooms/new/", views.room_new, name="room_new"),
    path("rooms/<str:room>/", views.room, name="room"),
    path("i", views.invite, name="invite"),
]

endpoints = [
    path("chatrooms/join/<str:iid>", rooms.JoinView.as_view()),
    path("chatrooms/join/<str:iid>/items", rooms.JoinItemsView.as_view()),
    path("chatrooms/join/<str:iid>/knock", join_requests.KnockByLinkView.as_view()),
    path("chatrooms/<str:room>/knock", join_requests.KnockAfterResetView.as_view()),
    path("chatrooms/<str:room>/knocks", join_requests.KnocksView.as_view()),
    path("chatrooms/<str:room>/knocks/<str:uid>", join_requests.KnockView.as_view()),
    path("chatrooms/<str:room>/boxes", rooms.BoxesView.as_view()),
    path("chatrooms/<str:room>/accept", rooms.AcceptView.as_view()),
    path("chatrooms/<str:room>/log", rooms.LogView.as_view()),
    path("chatrooms/<str:room>/invite", rooms.InviteView.as_view()),
    path("chatrooms/<str:room>/invites", rooms.InvitationsView.as_view()),
    path("chatrooms/<str:room>/keys", rooms.KeysView.as_view()),
    path("chatrooms/<str:room>/wraps", rooms.WrapsView.as_view()),
    path("chatrooms/<str:room>/key_request", rooms.KeyRequestView.as_view()),
]
