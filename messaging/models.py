"""Django looks for models here; they stand beside what uses them."""

from messaging.files.models import File
from messaging.store.orm_models import Message, Reference

__all__ = ["File", "Message", "Reference"]
