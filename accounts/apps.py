from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import schema, signals  # noqa: F401  (sign-out reaches open sockets)
        from accounts.site_settings import current
        from chatsite.lib import limits

        limits.change_by(current.rate_limits)
