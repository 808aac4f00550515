"""The Django project: settings, URLs, the ASGI application and the parts shared by all apps."""

from chatsite.celery import app as celery_app

__all__ = ["celery_app"]
__version__ = "0.1.0"  # as client/pyproject.toml has it; CHANGELOG.md has its section
