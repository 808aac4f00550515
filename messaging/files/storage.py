"""Where sealed bytes lie: in the data folder, beside the database that knows of them."""

from __future__ import annotations

import os
from typing import Any

from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible


@deconstructible(path="messaging.files.storage.SealedFiles")
class SealedFiles(FileSystemStorage):
    """A file that was taken survives a power cut, like a message that was acknowledged."""

    def _save(self, name: str, content: Any) -> str:
        saved: str = super()._save(name, content)  # type: ignore[misc]
        path = self.path(saved)
        _sync(path)
        _sync(os.path.dirname(path))
        return saved


def _sync(path: str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
