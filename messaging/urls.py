"""The API of messages."""

from django.urls import path

from messaging.api import MessagesView, StoredView

endpoints = [
    path("chatrooms/<str:room>/messages", MessagesView.as_view()),
    path("chatrooms/<str:room>/messages/<int:seq>/stored", StoredView.as_view()),
]
