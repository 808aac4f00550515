"""A file's metadata: its sender, its room and the message that names it."""

from __future__ import annotations

from django.core.files.storage import storages
from django.core.files.storage.base import Storage
from django.db import models

PROFILE = 0  # no message has this number


def sealed_files() -> Storage:
    return storages["files"]


class ArrivedFiles(models.Manager["File"]):
    def get_queryset(self) -> models.QuerySet[File]:
        return super().get_queryset().filter(arrived=True)


class File(models.Model):
    """The uploader is stored as a uid only: a room keeps its files when an account is deleted.

    A row exists before the first byte and reserves `size` bytes of the uploader's storage. Until
    the upload is complete it is in `every` and not in `objects`.
    """

    room = models.CharField(max_length=32)
    file_id = models.CharField(max_length=32)
    uploader = models.CharField(max_length=32)
    size = models.PositiveBigIntegerField(help_text="bytes, sealed")
    sha256 = models.CharField(max_length=43)
    reserved_ms = models.PositiveBigIntegerField(help_text="ms since 1970, by the server's clock")
    message = models.PositiveBigIntegerField(
        null=True, help_text="seq of the one that names it; 0: the room's profile does"
    )
    content = models.FileField(storage=sealed_files)
    arrived = models.BooleanField(default=True, help_text="whether all of its bytes are here")

    objects = ArrivedFiles()
    every: models.Manager[File] = models.Manager()

    class Meta:
        app_label = "messaging"
        db_table = "files"
        indexes = [
            models.Index(fields=["room", "message"], name="file_of_message"),
            models.Index(fields=["uploader"], name="file_uploader"),
            models.Index(
                fields=["reserved_ms"], condition=models.Q(arrived=False), name="file_coming"
            ),
            models.Index(
                fields=["reserved_ms"],
                condition=models.Q(message__isnull=True),
                name="file_unclaimed",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["room", "file_id"], name="file_once"),
            models.CheckConstraint(
                condition=models.Q(arrived=True) | models.Q(message__isnull=True),
                name="file_claimed_arrived",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room}/{self.file_id}"
