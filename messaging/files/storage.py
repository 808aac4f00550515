"""The storage of sealed bytes: in the data folder, beside the database with their rows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible

from chatsite.lib.fsync import sync


@deconstructible(path="messaging.files.storage.SealedFiles")
class SealedFiles(FileSystemStorage):
    """An accepted file survives a power cut, like an acknowledged message. An incomplete upload
    leaves nothing.
    """

    def _save(self, name: str, content: Any) -> str:
        name, handle = self._create(name)
        try:
            with open(handle, "wb") as out:
                for part in content.chunks():
                    out.write(part)
                out.flush()
                os.fsync(handle)
            sync(Path(self.path(name)).parent)
        except BaseException:
            os.unlink(self.path(name))
            raise
        return name

    def _create(self, name: str) -> tuple[str, int]:
        """Open a new file for writing: `name`, or a similar free name."""
        os.makedirs(self.location, 0o700, exist_ok=True)
        os.makedirs(os.path.dirname(self.path(name)), 0o700, exist_ok=True)
        while True:
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
                return name, os.open(self.path(name), flags, 0o600)
            except FileExistsError:
                name = self.get_available_name(name)
