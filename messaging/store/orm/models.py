"""Tables of the embedded engine. Only the engine (and the admin, to read) may import this."""

from django.db import models


class Message(models.Model):
    """A stored message, or the tombstone of an erased one."""

    room = models.CharField(max_length=32)
    seq = models.PositiveBigIntegerField()
    uid = models.CharField(max_length=32)
    device = models.CharField(max_length=32)
    chain_number = models.PositiveBigIntegerField()
    client_message_id = models.CharField(max_length=32)
    message_id = models.CharField(max_length=43)
    epoch = models.PositiveIntegerField()
    header = models.TextField()
    iv = models.CharField(max_length=16)
    ciphertext = models.TextField()
    signature = models.CharField(max_length=86)
    stored_ms = models.PositiveBigIntegerField(help_text="ms since 1970, by the server's clock")
    refers_to = models.JSONField(null=True, help_text="numbers of messages")
    files = models.JSONField(null=True, help_text="ids")
    generation = models.PositiveIntegerField(default=0, help_text="of the search key")
    tokens = models.BinaryField(default=b"")
    token_version = models.PositiveSmallIntegerField(null=True, help_text="null for 1, or none")
    # Of a tombstone: the hash of `ciphertext`, and the number of the message that erased it.
    erased_sha256 = models.CharField(max_length=43, blank=True)
    erased_by = models.PositiveBigIntegerField(null=True)

    class Meta:
        app_label = "messaging"
        db_table = "messages"
        ordering = ("seq",)
        indexes = [
            # Counting unread messages must not read ciphertexts.
            models.Index(
                fields=["room", "seq"],
                condition=models.Q(refers_to__isnull=True, erased_by__isnull=True),
                name="message_alone",
            ),
            models.Index(
                fields=["room", "erased_by"],
                condition=models.Q(erased_by__isnull=False),
                name="message_erased",
            ),
            models.Index(
                fields=["room", "seq"],
                condition=models.Q(generation=0, erased_by__isnull=True),
                name="message_bare",
            ),
            models.Index(
                fields=["room", "seq"],
                condition=models.Q(generation__gt=0, token_version__isnull=True),
                name="message_older_tokens",
            ),
            models.Index(fields=["room", "epoch", "seq"], name="message_epoch"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="message_seq_once"),
            models.UniqueConstraint(
                fields=["room", "uid", "client_message_id"], name="message_cid_once"
            ),
            models.UniqueConstraint(
                fields=["room", "uid", "device", "chain_number"], name="message_n_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room}#{self.seq}"


class ChainEnd(models.Model):
    """The end of a device's chain of messages, once its last message has expired."""

    room = models.CharField(max_length=32)
    uid = models.CharField(max_length=32)
    device = models.CharField(max_length=32)
    chain_number = models.PositiveBigIntegerField()
    message_id = models.CharField(max_length=43)

    class Meta:
        app_label = "messaging"
        db_table = "message_chains"
        constraints = [
            models.UniqueConstraint(fields=["room", "uid", "device"], name="chain_end_once"),
        ]


class Reference(models.Model):
    """A message (`seq`) that changes another (`target`)."""

    room = models.CharField(max_length=32)
    target = models.PositiveBigIntegerField()
    seq = models.PositiveBigIntegerField()

    class Meta:
        app_label = "messaging"
        db_table = "message_references"
        indexes = [models.Index(fields=["room", "seq"], name="reference_by_seq")]
        constraints = [
            models.UniqueConstraint(fields=["room", "target", "seq"], name="reference_once"),
        ]


class SearchSegment(models.Model):
    """One bucket of a sealed segment (messaging.store.index.postings)."""

    room = models.CharField(max_length=32)
    bucket = models.SmallIntegerField(help_text="first byte of the tokens; -1: it is sealed")
    segment = models.PositiveIntegerField()
    postings = models.BinaryField()

    class Meta:
        app_label = "messaging"
        db_table = "message_search_index"
        constraints = [
            models.UniqueConstraint(fields=["room", "bucket", "segment"], name="segment_once"),
        ]
