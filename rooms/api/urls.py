"""The API of rooms, except endpoints that need the message store (chatsite/api)."""

from django.urls import path

from rooms.api import join_requests, rooms

app_name = "rooms"
urlpatterns = [
    path("chatrooms/join/<str:iid>", rooms.JoinView.as_view(), name="join"),
    path("chatrooms/join/<str:iid>/items", rooms.JoinItemsView.as_view(), name="join_items"),
    path(
        "chatrooms/join/<str:iid>/knock",
        join_requests.KnockByLinkView.as_view(),
        name="knock_by_link",
    ),
    path(
        "chatrooms/<str:room>/knock",
        join_requests.KnockAfterResetView.as_view(),
        name="knock_after_reset",
    ),
    path("chatrooms/<str:room>/knocks", join_requests.KnocksView.as_view(), name="knocks"),
    path("chatrooms/<str:room>/knocks/<str:uid>", join_requests.KnockView.as_view(), name="knock"),
    path("chatrooms/<str:room>/boxes", rooms.BoxesView.as_view(), name="boxes"),
    path("chatrooms/<str:room>/accept", rooms.AcceptView.as_view(), name="accept"),
    path("chatrooms/<str:room>/log", rooms.LogView.as_view(), name="log"),
    path("chatrooms/<str:room>/invite", rooms.InviteView.as_view(), name="invite"),
    path("chatrooms/<str:room>/invites", rooms.InvitationsView.as_view(), name="invitations"),
    path("chatrooms/<str:room>/keys", rooms.KeysView.as_view(), name="keys"),
    path("chatrooms/<str:room>/wraps", rooms.WrapsView.as_view(), name="wraps"),
    path("chatrooms/<str:room>/key_request", rooms.KeyRequestView.as_view(), name="key_request"),
]
