"""Every address of the API, below /api/v1/."""

from django.urls import include, path

from chatsite.api.document import DocsView, SchemaView
from chatsite.api.rooms import RoomsView, RoomView
from chatsite.api.site import SiteView

app_name = "api"
urlpatterns = [
    path("", include("accounts.api.urls")),
    path("chatrooms", RoomsView.as_view(), name="rooms"),
    path("", include("rooms.api.urls")),
    path("", include("messaging.api.urls")),
    path("", include("summaries.api.urls")),
    path("chatrooms/<str:room>", RoomView.as_view(), name="room"),
    path("site", SiteView.as_view(), name="site"),
    path("schema", SchemaView.as_view(), name="schema"),
    path("docs", DocsView.as_view(), name="docs"),
]
