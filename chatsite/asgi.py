"""The ASGI application: static files from memory, Django for the rest of HTTP, messaging's consumer
for the WebSocket at /ws/.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

import django

from chatsite.env import one_line_at_most

with one_line_at_most():
    django.setup(set_prefix=False)  # loads the apps, which the next imports need

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import SessionMiddlewareStack

from chatsite.lib.origins import SiteOriginValidator
from chatsite.ops.connections import LimitSockets
from chatsite.ops.descriptors import RefuseWhenShort
from chatsite.web.request_limits import Handler
from chatsite.web.static_files import StaticFiles
from messaging.routing import websocket_urlpatterns

application = ProtocolTypeRouter(
    {
        "http": StaticFiles(Handler()),
        "websocket": RefuseWhenShort(
            LimitSockets(
                SiteOriginValidator(SessionMiddlewareStack(URLRouter(websocket_urlpatterns)))
            )
        ),
    }
)
