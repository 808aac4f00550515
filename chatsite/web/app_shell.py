"""The site as an app: its pages and files as one shell, `/sw.js` that keeps it, a manifest.

The shell is what browsers run: every page and every static file of one build. `/sw.js` names each
with its SHA-256, so a browser keeps all of one build or nothing of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.site_settings import current
from accounts.site_settings.icon import side_of
from chatsite.web.site_facts import icon_address

KINDS = {".js", ".css", ".svg", ".png"}
"""Of static files that pages load. Others, such as licences, are for readers of the code."""
PARAMETER = re.compile(r"<[^>]+>")
SAMPLE = "-"
"""Stands for what an address names: the page is the same bytes for all of them."""
WORKER = "js/service-worker.js"
WORKER_POLICY = "default-src 'none'; connect-src 'self'; script-src 'none'"
ICONS = (
    ("img/icon-192.png", "192x192", "any"),
    ("img/icon-512.png", "512x512", "any"),
    ("img/icon-maskable-512.png", "512x512", "maskable"),
)


class Page(NamedTuple):
    """A page of the shell: where it is fetched, and which addresses it answers (a regular
    expression that browsers read, too).
    """

    address: str
    pattern: str
    template: str

    def content(self) -> bytes:
        """The bytes that everybody gets, in the language that is active."""
        return get_template(self.template).render().encode()


def pages() -> list[Page]:
    """Every page that is the same bytes for everybody. The first pattern that fits counts."""
    return list(_pages(get_resolver().url_patterns, ""))


def _pages(patterns: list[Any], before: str) -> Iterator[Page]:
    for pattern in patterns:
        if not isinstance(pattern.pattern, RoutePattern):
            continue
        route = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _pages(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            template = getattr(pattern.callback, "template", None)
            if template is not None:
                yield Page(f"/{PARAMETER.sub(SAMPLE, route)}", _expression(route), template)


def _expression(route: str) -> str:
    parts = PARAMETER.split(route)
    return "^/" + "[^/]+".join(re.escape(part) for part in parts) + "$"


def files() -> dict[str, Path]:
    """Static files that pages load, by their names below STATIC_URL."""
    found = {
        path.relative_to(settings.STATIC_SOURCES).as_posix(): path
        for path in settings.STATIC_SOURCES.rglob("*")
        if path.suffix in KINDS and path.is_file()
    }
    return dict(sorted(found.items()))


def digest(content: bytes) -> str:
    """SHA-256 as hex, as browsers and manifests compare it."""
    return sha256(content).hexdigest()


def script() -> bytes:
    """`/sw.js`: one line of facts about this build, then the file of the repository."""
    read = _script if settings.DEBUG else _kept_script
    return read(get_language() or settings.LANGUAGE_CODE)


def _script(language: str) -> bytes:
    shell = {
        "build": settings.BUILD,
        "static": settings.STATIC_URL,
        "files": {name: digest(path.read_bytes()) for name, path in files().items()},
        "pages": [
            {"address": page.address, "pattern": page.pattern, "sha256": digest(page.content())}
            for page in pages()
        ],
    }
    line = f"const SHELL = {json.dumps(shell, sort_keys=True, separators=(',', ':'))};\n"
    return line.encode() + (settings.STATIC_SOURCES / WORKER).read_bytes()


_kept_script = cache(_script)


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that browsers compare, byte for byte, to learn of a new build."""
    answer = HttpResponse(script(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    answer["Vary"] = "Accept-Language"
    answer["Content-Security-Policy"] = WORKER_POLICY
    return answer


def _icons() -> list[dict[str, str]]:
    """Those of the build, or the one that administrators chose."""
    own = icon_address()
    if own:
        side = side_of(bytes(current.row().icon))
        return [{"src": own, "sizes": f"{side}x{side}", "type": "image/png", "purpose": "any"}]
    return [
        {"src": static(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
        for name, sizes, purpose in ICONS
    ]


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """The web app manifest, which makes the site installable."""
    name = current.name()
    about = {
        "id": "/rooms/",
        "name": name,
        "short_name": name,
        "start_url": "/rooms/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f7f5f1",
        "theme_color": "#f7f5f1",
        "icons": _icons(),
    }
    answer = JsonResponse(about, content_type="application/manifest+json")
    answer["Cache-Control"] = "no-cache"
    return answer
