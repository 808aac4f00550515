"""Cache-Control: caches keep nothing of an answer, unless its view says otherwise."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin


class PrivateByDefault(MiddlewareMixin):
    """Pages and answers of the API are one person's. Static files are served outside of this."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
