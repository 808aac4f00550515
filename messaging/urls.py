"""The API of messages."""

from django.urls import path

from messaging.api.files import FilesView, FileView
from messaging.api.history import ChangesView, MessagesView, StoredView
from messaging.api.search import SearchView, TokensView

endpoints = [
    path("chatrooms/<str:room>/messages", MessagesView.as_view()),
    path("chatrooms/<str:room>/refs", ChangesView.as_view()),
    path("chatrooms/<str:room>/messages/<int:seq>/stored", StoredView.as_view()),
    path("chatrooms/<str:room>/files", FilesView.as_view()),
    path("chatrooms/<str:room>/files/<str:file>", FileView.as_view()),
    path("chatrooms/<str:room>/search", SearchView.as_view()),
    path("chatrooms/<str:room>/tokens", TokensView.as_view()),
]
