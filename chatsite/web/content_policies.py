"""Content-Security-Policy of pages, and of Django's admin."""

from typing import Any

from csp.constants import NONE, SELF

REPORTS = "/reports/policy/"

SCRIPTS_AND_STYLES: dict[str, list[Any]] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "font-src": [SELF],
    "img-src": [SELF, "data:", "blob:"],
    "connect-src": [SELF],
    "worker-src": [SELF],
    "manifest-src": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
    # Not report-to: browsers take it on https alone, and ignore this one beside it.
    "report-uri": [REPORTS],
}
PAGES: dict[str, list[Any]] = {
    **SCRIPTS_AND_STYLES,
    "require-trusted-types-for": ["'script'"],
    "trusted-types": ["sotto"],
}
# Django admin's jQuery assigns strings to innerHTML and breaks under Trusted Types.
ADMIN = SCRIPTS_AND_STYLES
