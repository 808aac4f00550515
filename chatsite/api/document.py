"""The OpenAPI document, and a page that shows it. Both are the same for everybody."""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from chatsite.api.reference import Reference
from chatsite.lib.rest.conditional import unchanged
from chatsite.lib.rest.views import OpenView
from chatsite.web.api_paths import VERSION

# The page of the API runs no script at all, and loads nothing but the site's style.
DOCS_POLICY = {
    "default-src": [NONE],
    "style-src": [SELF],
    "img-src": [SELF],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
}


class SchemaView(OpenView):
    limits = {"GET": "schema"}

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponseBase:
        return _public(request, openapi_document(), "application/vnd.oai.openapi+json")


class DocsView(OpenView):
    limits = {"GET": "schema"}

    @extend_schema(exclude=True)
    @method_decorator(csp(DOCS_POLICY))
    def get(self, request: Request) -> HttpResponseBase:
        return _public(request, docs_page(), "text/html; charset=utf-8")


def _public(request: Request, content: bytes, kind: str) -> HttpResponseBase:
    etag = f'"{sha256(content).hexdigest()[:32]}"'
    answer = unchanged(request, etag) or HttpResponse(content, content_type=kind)
    answer["ETag"] = etag
    answer["Cache-Control"] = "public, max-age=3600"
    return answer


@lru_cache(maxsize=1)
def openapi_document() -> bytes:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return OpenApiJsonRenderer().render(schema, renderer_context={})


@lru_cache(maxsize=1)
def docs_page() -> bytes:
    reference = Reference(json.loads(openapi_document()))
    return render_to_string("api/docs.html", {"reference": reference}).encode()


def only_versioned(endpoints: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Leaves the short addresses out of the document (a hook of drf-spectacular)."""
    return [one for one in endpoints if one[0].startswith(f"{VERSION}/")]
