"""The socket on which the site listens."""

from __future__ import annotations

import errno
import socket

from django.core.management.base import CommandError


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is done, or say in one line why not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        raise CommandError(_why(error, host, port)) from None
    return listener


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken. Stop what uses it, or choose another: PORT={port + 1}."
    if error.errno == errno.EACCES:
        return f"Port {port} needs rights that you do not have. Choose one above 1023."
    return f"Cannot listen on {host}: {error.strerror}. HOST must be an address of this machine."
