from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        from messaging import receivers  # noqa: F401  (what goes with a room)
        from messaging.files import profiles  # noqa: F401  (which files are an avatar)
