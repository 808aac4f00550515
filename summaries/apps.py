from django.apps import AppConfig


class SummariesConfig(AppConfig):
    name = "summaries"

    def ready(self) -> None:
        from summaries import metrics, receivers  # noqa: F401  (what goes with a message)

        metrics.show()
