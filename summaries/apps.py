from django.apps import AppConfig


class SummariesConfig(AppConfig):
    name = "summaries"

    def ready(self) -> None:
        from summaries import counting, receivers  # noqa: F401

        counting.show()
