"""Django's admin with a site of our own."""

from django.contrib.admin.apps import AdminConfig


class SiteAdminConfig(AdminConfig):
    default_site = "chatsite.admin_site.SiteAdmin"
