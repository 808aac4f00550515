"""Middleware: headers of every response, and refusals as pages."""

from __future__ import annotations

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.request import split_domain_port, validate_host
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from chatsite.lib.database import give_back
from chatsite.lib.errors import ChatError
from chatsite.web import error_views
from chatsite.web.api_paths import is_api

LOOPBACK = {"127.0.0.1", "[::1]"}


class GivesConnectionBack(MiddlewareMixin):
    """Gives the database connection back before the answer is sent: its reader may be slow."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        give_back()
        return response


class CanonicalHost(MiddlewareMixin):
    """Send pages asked for at a loopback address to localhost.

    Passkeys refuse IP addresses, and keys made at one origin are not found at the other.
    """

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        host, port = split_domain_port(request.META.get("HTTP_HOST", ""))
        if host not in LOOPBACK or not validate_host(host, settings.ALLOWED_HOSTS):
            return None
        if request.method != "GET" or is_api(request.path):
            return None
        here = f"localhost:{port}" if port else "localhost"
        return HttpResponsePermanentRedirect(f"http://{here}{request.get_full_path()}")


class Refusals(MiddlewareMixin):
    """Shows refusals of pages as pages. The API has a shape of its own."""

    def process_request(self, request: HttpRequest) -> None:
        """No address holds a NUL, and PostgreSQL would fail at one."""
        if "\0" in request.path_info:
            raise Http404

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, ChatError) or is_api(request.path):
            return None
        return error_views.refused(request, exception)


class CrossOriginIsolation(MiddlewareMixin):
    """Keeps other origins' pages from loading, embedding or holding a window of what is here, and
    what is here from loading theirs: browsers then give the site a process of its own. Requests
    with CORS, of origins that may use the API, are not affected.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Cross-Origin-Embedder-Policy"] = "require-corp"
        return response


class ContentPolicy(CSPMiddleware):
    """The site's content security policy, and the admin's own under /admin/."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if request.path.startswith("/admin/"):
            replace = dict.fromkeys(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"])
            replace.update(settings.ADMIN_CONTENT_SECURITY_POLICY)
            response._csp_replace = replace  # type: ignore[attr-defined]
        return super().process_response(request, response)
