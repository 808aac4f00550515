"""Messages as rows of metadata. Their content is not decrypted here, nor could it be."""

from django.contrib import admin

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
