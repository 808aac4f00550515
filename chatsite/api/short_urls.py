"""The same addresses without /api/v1: /auth/… and /chatrooms…, as the first design named them.

They are left out of the OpenAPI document, which has one address for each operation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import URLPattern

from chatsite.api import urls
from chatsite.web.api_paths import SHORT


def _flat(patterns: Iterable[Any]) -> Iterator[URLPattern]:
    for one in patterns:
        if isinstance(one, URLPattern):
            yield one
        else:
            yield from _flat(one.url_patterns)


app_name = "api"
urlpatterns = [one for one in _flat(urls.urlpatterns) if SHORT.match(f"/{one.pattern}")]
