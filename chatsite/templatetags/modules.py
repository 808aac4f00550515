"""`{% module "js/pages/room.js" %}`: the script of a page, and at once what it imports."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chatsite.lib.modules import closure, kept_closure

register = template.Library()


@register.simple_tag
def module(entry: str) -> SafeString:
    """A page's entry module, after a `modulepreload` for everything that it imports.

    Without them a browser learns of each module only from the one that imports it: as many round
    trips as the graph is deep. The graph is read from the files, so the links are the same for
    everybody, and nothing has to be listed by hand.
    """
    read = closure if settings.DEBUG else kept_closure
    imported = read(settings.STATIC_SOURCES, entry)[1:]
    links = format_html_join(
        "\n", '<link rel="modulepreload" href="{}">', ((static(name),) for name in imported)
    )
    return format_html('{}\n<script type="module" src="{}"></script>', links, static(entry))
