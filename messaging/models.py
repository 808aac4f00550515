"""Django looks for models here; the embedded engine's stand beside the engine."""

from messaging.store.orm_models import Message, Reference

__all__ = ["Message", "Reference"]
