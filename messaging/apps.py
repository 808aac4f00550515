from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        from messaging.files import profiles  # noqa: F401  (and of an avatar here)
