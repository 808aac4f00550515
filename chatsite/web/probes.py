"""Answers to probes (/healthz, /readyz, /metrics) before anything looks at hosts or redirects."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from chatsite.ops import health, observability

Probe = Callable[[HttpRequest], HttpResponseBase]
PROBES: dict[str, Probe] = {
    "/healthz": health.alive,
    "/readyz": health.ready,
    "/metrics": observability.show,
}


class AnswerProbes(MiddlewareMixin):
    """Must be the first middleware.

    A proxy asks with the process's own address as the host and without TLS. ALLOWED_HOSTS, the
    redirect to https and the redirect from loopback addresses would refuse or move such requests,
    and every process would look dead. Probes need neither sessions nor a line in the log.
    """

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        """The probe's answer, or None for every other address.

        `/metrics` without the right token is None, too: the address then answers what any unknown
        address answers.
        """
        probe = PROBES.get(request.path)
        if probe is None or (probe is observability.show and not observability.may_see(request)):
            return None
        return probe(request)
