"""Pages about oneself. Keys never leave the browser: these pages only carry the scripts."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_required
def keys(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/keys.html")


@login_required
def settings(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/settings.html")
