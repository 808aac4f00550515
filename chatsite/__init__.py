"""The Django project: settings, URLs, the ASGI application and the parts shared by all apps."""

from chatsite.celery import app as celery_app

__all__ = ["celery_app"]
