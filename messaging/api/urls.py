"""The API of messages."""

from django.urls import path

from messaging.api.files import FilesView, FileView
from messaging.api.history import ChangesView, MessagesView, StoredView, UnreadView
from messaging.api.reports import ReportKeyView, ReportsView, ReportView
from messaging.api.search import SearchView, TokensView

ROOM = "chatrooms/<str:room>"

app_name = "messaging"
urlpatterns = [
    path(f"{ROOM}/messages", MessagesView.as_view(), name="messages"),
    path(f"{ROOM}/refs", ChangesView.as_view(), name="changes"),
    path(f"{ROOM}/unread", UnreadView.as_view(), name="unread"),
    path(f"{ROOM}/messages/<int:seq>/stored", StoredView.as_view(), name="stored"),
    path(f"{ROOM}/files", FilesView.as_view(), name="files"),
    path(f"{ROOM}/files/<str:file>", FileView.as_view(), name="file"),
    path(f"{ROOM}/reports", ReportsView.as_view(), name="reports"),
    path(f"{ROOM}/reports/<str:rid>", ReportView.as_view(), name="report"),
    path("report_key", ReportKeyView.as_view(), name="report_key"),
    path(f"{ROOM}/search", SearchView.as_view(), name="search"),
    path(f"{ROOM}/tokens", TokensView.as_view(), name="tokens"),
]
