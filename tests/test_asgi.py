"""The ASGI application's own corners."""

from channels.testing import WebsocketCommunicator

from chatsite.asgi import application


async def test_a_socket_at_another_address_is_refused_quietly():
    """Without an exception, which the server would log with its traceback."""
    stray = WebsocketCommunicator(application, "/ws/other/")
    assert await stray.connect() == (False, 4404)
