"""Messages and files as rows of metadata. What is in them is sealed, here as everywhere."""

from django.contrib import admin

from messaging.files.models import File
from messaging.store.orm_models import Message
from rooms.admin import ReadOnly


@admin.register(Message)
class MessageAdmin(ReadOnly):
    list_display = ("room", "seq", "uid", "e", "size", "at")
    search_fields = ("room", "uid")
    fields = ("room", "seq", "uid", "dev", "n", "cid", "mid", "e", "size", "at", "erased_by")

    @admin.display(description="bytes of ciphertext")
    def size(self, message: Message) -> int:
        return len(message.ct) * 3 // 4


@admin.register(File)
class FileAdmin(ReadOnly):
    list_display = ("room", "fid", "uploader", "size", "at", "message")
    search_fields = ("room", "fid", "uploader")
    fields = ("room", "fid", "uploader", "size", "sha", "at", "message")
