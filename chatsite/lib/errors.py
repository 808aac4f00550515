"""One error shape for REST, socket and pages: a code for programs, a sentence for people."""

from __future__ import annotations

from typing import Any


class ChatError(Exception):
    """Raised by doors and actions, translated once at each edge.

    `detail` is shown to people: it says what happened and what to do, and never quotes input.
    """

    status = 400
    retry_after: int | None = None  # seconds, for the header Retry-After
    code = "bad_request"
    detail = "That request could not be understood."

    def __init__(self, detail: str = "", *, code: str = "", **extra: Any) -> None:
        self.detail = detail or self.detail
        self.code = code or self.code
        self.extra = extra
        super().__init__(self.code)

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "detail": self.detail, **self.extra}


class Refused(ChatError):
    """The request is understood and not allowed as it stands."""


class BadSignature(Refused):
    """Signed by somebody else, or changed on the way."""

    code = "bad_signature"
    detail = "The signature is not good."


class SignInNeeded(ChatError):
    status = 401
    code = "not_signed_in"
    detail = "Sign in first."


class Forbidden(ChatError):
    status = 403
    code = "forbidden"
    detail = "You may not do that."


class NotFound(ChatError):
    """Absent, foreign and removed look alike."""

    status = 404
    code = "not_found"
    detail = "There is nothing here, or you are not a member."


class Conflict(ChatError):
    status = 409
    code = "conflict"
    detail = "Someone else changed this. Reload and try again."


class Gone(ChatError):
    status = 410
    code = "gone"
    detail = "This is no longer available."


class LengthRequired(ChatError):
    status = 411
    code = "no_length"
    detail = "Say in Content-Length how long the request is."


class TooLarge(ChatError):
    status = 413
    code = "too_large"
    detail = "That is too large for this server."


class TooMany(ChatError):
    """A rate limit. `retry_after` in seconds; `limit` is its name, if it has one."""

    status = 429
    code = "rate"
    detail = "Too many requests. Wait a moment and try again."

    def __init__(self, retry_after: float, limit: str = "") -> None:
        self.limit = limit
        self.retry_after = int(retry_after) + 1
        super().__init__(retry_after=self.retry_after)


class Unavailable(ChatError):
    status = 503
    retry_after = 5
    code = "unavailable"
    detail = "The server cannot store this just now. Nothing is lost: try again shortly."
