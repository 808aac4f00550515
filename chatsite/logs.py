"""Log lines: JSON, or for reading; with the request's or the connection's id. Never what an
exception says: a driver's text may quote a row, a parser's its input."""

from __future__ import annotations

import traceback
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def bare_exception(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Where it happened and of what kind; no message, no variables."""
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
            last,
        ],
    }
