"""Log lines: JSON, or for reading; with the request's or the connection's id. Never what an
exception says: a driver's text may quote a row, a parser's its input.
"""

from __future__ import annotations

import logging
import re
import traceback
from ipaddress import ip_address
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


ADDRESS = re.compile(r"(?<![\w.:])[0-9A-Fa-f]*[:.][0-9A-Fa-f:.]*[0-9A-Fa-f](?![\w])")
HIDDEN = "[address]"
TIMES = {"timestamp"}


def without_addresses(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Hides IP addresses, whichever library logs them: who was here, and from where, is kept
    nowhere.
    """
    for key, value in event.items():
        if key not in TIMES and isinstance(value, str):
            event[key] = ADDRESS.sub(_hidden, value)
    return event


def _hidden(match: re.Match[str]) -> str:
    text = match[0]
    for part in (text, text.rpartition(":")[0]):  # with a port behind it, too
        try:
            ip_address(part)
        except ValueError:
            continue
        return HIDDEN
    return text


class WithoutSocketLines(logging.Filter):
    """Drops the lines that uvicorn and websockets write about every socket: they hold the client's
    address and the query, or say nothing.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.INFO or "websockets" not in record.pathname


def bare_exception(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Add the place and the kind of an exception; no message, no variables."""
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = where(error)
    return event


def where(error: BaseException) -> str:
    """A traceback without the exceptions' own words, causes first."""
    chain: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines = "".join(traceback.format_tb(current.__traceback__))
        chain.append(f"{lines}{type(current).__module__}.{type(current).__qualname__}")
        hidden = current.__suppress_context__
        current = current.__cause__ or (None if hidden else current.__context__)
    return "\n".join(reversed(chain))


def readable(logger: WrappedLogger, name: str, event: EventDict) -> str:
    """One line, and a traceback below it."""
    exception = event.pop("exception", None)
    head = [event.pop(key, "") for key in ("timestamp", "level", "logger", "event")]
    head[1] = str(head[1]).upper()
    beside = [f"{key}={value}" for key, value in event.items()]
    line = " ".join(map(str, [*head, *beside]))
    return f"{line}\n{exception}" if exception else line


def formatter(*, json: bool) -> dict[str, Any]:
    """For Django's LOGGING."""
    last: Processor = structlog.processors.JSONRenderer(sort_keys=True) if json else readable
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _SHARED,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            bare_exception,
            without_addresses,
            last,
        ],
    }


def configuration(*, level: str, json: bool) -> dict[str, Any]:
    """Django's LOGGING: lines never hold a body, a key or a token.

    Args:
        level: the least that is written.
        json: as JSON, or for reading.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter(json=json)},
        "filters": {"without_socket_lines": {"()": "chatsite.ops.logs.WithoutSocketLines"}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line"},
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.channels.server": {"level": "WARNING"},
            "django.request": {
                "level": "ERROR"
            },  # its warnings are the addresses that were refused
            # Anybody can make these at will (a wrong Host, a missing CSRF token): the request's own
            # line tells of them. As errors they would wake people, and fill Sentry.
            "django.security": {"level": "CRITICAL"},
            # At DEBUG these write whole handshakes and frames, with cookies and tokens in them.
            **{name: {"level": "INFO"} for name in ("uvicorn", "websockets", "daphne")},
            "uvicorn.error": {"level": "INFO", "filters": ["without_socket_lines"]},
            "uvicorn.access": {"level": "WARNING"},
            # At DEBUG these write whole requests: what is summarised, and the key of the model.
            **{
                name: {"level": "WARNING"}
                for name in ("openai", "httpx", "httpx2", "httpcore", "httpcore2")
            },
            "fido2": {"level": "WARNING"},  # at INFO it names each passkey that is used
            **{name: {"level": "WARNING"} for name in ("celery", "kombu", "amqp", "watchfiles")},
        },
    }
