"""The ASGI application: pages and API by Django, /ws/ by the hub's socket."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

import django

from chatsite.env import one_line_at_most

with one_line_at_most():
    django.setup(set_prefix=False)  # loads the apps, which the next imports need

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import CookieMiddleware, SessionMiddleware
from django.urls import path, re_path

from chatsite.ops.connections import LimitSockets
from chatsite.ops.descriptors import RefuseWhenShort
from chatsite.web.request_limits import Handler
from messaging.consumers import ChatSocket


async def no_such_socket(scope, receive, send):  # type: ignore[no-untyped-def]
    """Any other address: refused as such, without an error in the log."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


socket = ChatSocket.as_asgi()
routes = URLRouter([path("ws/", socket), re_path("", no_such_socket)])  # type: ignore[arg-type]
application = ProtocolTypeRouter(
    {
        "http": Handler(),
        "websocket": RefuseWhenShort(LimitSockets(CookieMiddleware(SessionMiddleware(routes)))),
    }
)
