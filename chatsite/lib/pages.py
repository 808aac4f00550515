"""Pages that are the same bytes for everybody, and the answers to what they post.

A page carries no user's, room's or site's data: its script fetches the facts (`/site.json` and the
API). Comparing what two people were served shows if one of them got other code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import get_template
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.gzip import gzip_page

from chatsite.lib.errors import ChatError, TooMany
from chatsite.lib.limits import POLICY, policy_of

View = Callable[..., HttpResponseBase]
LONGEST_NEXT = 2000  # characters


class FormRefused(ChatError):
    """Fields of a form are wrong; `fields` names each with sentences for people."""

    code = "invalid"
    detail = "Something in the form is not right. Nothing was changed."


def page(template: str, post: View | None = None) -> View:
    """Make a view that answers GET with the same bytes for everybody.

    Args:
        template: its name. It is rendered without the request, so that nothing of the person who
            asks can get into it; parts of the address are for the page's script.
        post: answers POST, with JSON; None where nothing may be posted.
    """
    allowed = ["GET", "HEAD", *(["POST"] if post else [])]

    def view(request: HttpRequest, **address: str) -> HttpResponseBase:
        if request.method == "POST" and post is not None:
            return post(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(allowed)
        return static_page(template)

    packed = gzip_page(view)  # no secret is in a page that a guess could be packed beside
    packed.template = template  # type: ignore[attr-defined]  # by which the shell finds its pages
    return packed


def static_page(template: str, status: int = 200) -> HttpResponse:
    """Render `template` without a request. Its language is all that may differ."""
    response = HttpResponse(get_template(template).render(), status=status)
    patch_vary_headers(response, ["Accept-Language"])
    return response


def next_of(request: HttpRequest) -> str:
    """Return the address that a form names for afterwards, or an empty text if it is on another
    site.
    """
    url = request.POST.get("next", request.GET.get("next", ""))
    hosts = {request.get_host()}
    safe = url_has_allowed_host_and_scheme(url, hosts, require_https=request.is_secure())
    return url if safe and len(url) <= LONGEST_NEXT else ""


def go_to(address: str) -> JsonResponse:
    """Tell the page's script that its form was taken, and which address on this site follows."""
    return JsonResponse({"next": address})


def refuse(error: ChatError) -> JsonResponse:
    """Return a refusal in the one shape of errors."""
    response = JsonResponse({"error": error.as_dict()}, status=error.status)
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    if isinstance(error, TooMany) and error.limit:
        response[POLICY] = policy_of(error.limit)
    return response


def refuse_form(form: BaseForm) -> JsonResponse:
    """Return what is wrong with `form`, whose validation has failed."""
    wrong: dict[str, Any] = {name: list(lines) for name, lines in form.errors.items()}
    general = " ".join(wrong.pop("__all__", []))
    return refuse(FormRefused(general, fields=wrong))
