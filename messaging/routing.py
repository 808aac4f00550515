"""WebSocket addresses."""

from django.urls import path, re_path

from messaging.consumers import ChatConsumer, NoSuchSocket

websocket_urlpatterns = [
    path("ws/", ChatConsumer.as_asgi(), name="socket"),
    re_path("", NoSuchSocket.as_asgi()),
]
