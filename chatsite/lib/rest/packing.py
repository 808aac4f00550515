"""Answers that go compressed: lists whose rows resemble each other."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.decorators import decorator_from_middleware, method_decorator

LARGEST = 200_000  # bytes; more is mostly long ciphertext, which does not get smaller


class PackedAnswers(GZipMiddleware):
    """Compresses an answer that is neither tiny nor huge. A proxy in front may do so, too; without
    one, nobody else does.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if len(getattr(response, "content", b"")) > LARGEST:
            return response
        return super().process_response(request, response)


packed = method_decorator(decorator_from_middleware(PackedAnswers), name="dispatch")
"""Decorator for a view whose answers hold no secret beside what a stranger's page can make a
browser ask for: by the length of what is compressed together, one would be guessed.
"""
