"""The Django project: settings, URLs, the ASGI application and the parts shared by all apps."""
