"""The API of messages."""

from django.urls import path

from messaging.api import MessagesView

endpoints = [path("chatrooms/<str:room>/messages", MessagesView.as_view())]
