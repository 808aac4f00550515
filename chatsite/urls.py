"""Every address of the site. Each app has its own pages; the API is below /api/v1/,
and at shorter addresses (chatsite/api/short_urls.py).
"""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from chatsite.ops import demo
from chatsite.web import app_shell, content_policies, policy_reports, well_known
from chatsite.web.probes import PROBES
from chatsite.web.site_facts import icon, site_facts

urlpatterns = [
    path("", include("rooms.urls")),
    path("", include("accounts.urls")),
    path("api/v1/", include("chatsite.api.urls")),
    path("", include("chatsite.api.short_urls", namespace="short")),
    path("site.json", site_facts, name="site_facts"),
    path("site-icon/<slug:version>.png", icon, name="site_icon"),
    path("sw.js", app_shell.service_worker, name="service_worker"),
    path("manifest.webmanifest", app_shell.manifest, name="manifest"),
    path(content_policies.REPORTS.removeprefix("/"), policy_reports.take_reports),
    path("favicon.ico", well_known.favicon),
    path("robots.txt", well_known.robots),
    path(".well-known/security.txt", well_known.security),
    path(".well-known/change-password", well_known.change_password),
    path(".well-known/sotto-release.json", well_known.release),
    path("admin/", admin.site.urls),
    *(path(address.removeprefix("/"), view) for address, view in PROBES.items()),
]
if settings.DEBUG:
    urlpatterns += [
        path("demo/", demo.enter, name="demo"),
        path("demo/wait/", demo.wait, name="demo_wait"),
        path("demo/state/", demo.state, name="demo_state"),
    ]

handler404 = "chatsite.web.error_views.not_found"
handler500 = "chatsite.web.error_views.server_error"
