"""A room on the server: the signed log as text, the state that follows from it, and boxes that only
members can open.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value

from accounts.models import Identity


class Room(models.Model):
    """A room and the present state of its log. Times of the log are in ms, as signed."""

    id = models.CharField(primary_key=True, max_length=32)
    kind = models.CharField(max_length=6)
    policy = models.JSONField()
    head_seq = models.PositiveIntegerField(default=0)
    head_hash = models.CharField(max_length=43)
    head_ms = models.PositiveBigIntegerField()
    epoch = models.PositiveIntegerField(default=1)
    epoch_seq = models.PositiveIntegerField(default=0)
    epoch_ms = models.PositiveBigIntegerField()
    generation = models.PositiveIntegerField(default=1)
    is_open = models.BooleanField("open for messages", default=True)
    profile_hash = models.CharField(max_length=43, blank=True)
    bans = models.JSONField(default=list, help_text="uids that no link lets in")
    declined = models.JSONField(
        default=list,
        db_default=Value([], models.JSONField()),  # as below
        help_text="uids taken out after they had declined the request: none reads the log",
    )
    successor = models.CharField(
        max_length=32,
        blank=True,
        default="",
        db_default="",  # a process of the previous version may still create rooms
        help_text="uid of who may follow the owner, as the log says",
    )
    closed_at = models.DateTimeField("closed for good", null=True, blank=True)
    files_most = models.PositiveBigIntegerField(
        "storage for files",
        null=True,
        blank=True,
        help_text="bytes that all files of the room may have together; empty: no limit of its own",
    )
    stopped_at = models.DateTimeField("stopped by the operator", null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "chatrooms"

    def __str__(self) -> str:
        return self.id

    @property
    def state(self) -> str:
        """`open`; `stopped` by the operator; `closed` for good by its owner."""
        if self.closed_at is not None:
            return "closed"
        return "stopped" if self.stopped_at is not None else "open"

    @property
    def head(self) -> list[Any]:
        """`[seq, hash]` of the newest event."""
        return [self.head_seq, self.head_hash]

    @property
    def everyone_reads_all(self) -> bool:
        return self.policy["history"] == "all"

    @property
    def links_carry_history(self) -> bool:
        return self.policy["join"] == "link" and self.everyone_reads_all


class LogEvent(models.Model):
    """One signed event, stored as the text that was signed."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="log")
    seq = models.PositiveIntegerField()
    type = models.CharField(max_length=10)
    author = models.CharField(max_length=32, help_text="uid")
    kid = models.CharField(max_length=43)
    to_kid = models.CharField(max_length=43, blank=True, help_text="identity that is let in")
    event = models.TextField()
    signature = models.CharField(max_length=86)
    hash = models.CharField(max_length=43)
    stored_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "room_log"
        ordering = ("seq",)
        constraints = [models.UniqueConstraint(fields=["room", "seq"], name="log_seq_once")]

    def __str__(self) -> str:
        return f"{self.room_id}#{self.seq} {self.type}"


class LogIdentity(models.Model):
    """An identity that a room's log names. Readers verify the log's signatures with it, so the
    database prevents its deletion.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="named")
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "room_log_identities"
        constraints = [
            models.UniqueConstraint(fields=["room", "identity"], name="log_identity_once")
        ]

    def __str__(self) -> str:
        return f"{self.identity_id} in {self.room_id}"


class MemberQuerySet(models.QuerySet["Member"]):
    def listed(self) -> MemberQuerySet:
        """Excludes declined requests, which are members in the log only."""
        return self.filter(declined_at=None)

    def active(self) -> MemberQuerySet:
        """Members who have accepted the room."""
        return self.filter(accepted=True)

    def asked(self) -> MemberQuerySet:
        """Unanswered requests."""
        return self.filter(accepted=False, declined_at=None)


class Member(models.Model):
    """A user in a room. `since` is the first epoch whose key they are entitled to.

    A person added by name has a request first (`accepted` is false): they may read and answer it,
    but cause and receive no event. A block declines it. The server cannot sign a `leave`, so they
    stay a member in the log, but the room is hidden from them.
    """

    OWNER, MODERATOR, MEMBER = "owner", "moderator", "member"
    ROLES = ((OWNER, "owner"), (MODERATOR, "moderator"), (MEMBER, "member"))

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    kid = models.CharField(max_length=43)
    role = models.CharField(max_length=10, choices=ROLES)
    since = models.PositiveIntegerField()
    read_seq = models.PositiveBigIntegerField(default=0)
    accepted = models.BooleanField(default=True, help_text="whether they wanted to come in")
    asked_by = models.CharField(
        max_length=32, blank=True, help_text="uid of who added them while they had not asked"
    )
    declined_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        db_table = "chatroom_members"
        indexes = [
            models.Index(
                fields=["asked_by"], condition=Q(accepted=False), name="requests_by_sender"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted=False) | Q(declined_at=None), name="accepted_or_declined"
            ),
            models.UniqueConstraint(fields=["room", "user"], name="member_once"),
            models.UniqueConstraint(
                fields=["room"], condition=Q(role="owner"), name="one_owner_at_most"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user.name} in {self.room_id}"

    @property
    def leads(self) -> bool:
        return self.role in (self.OWNER, self.MODERATOR)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open_at(self, ts: int) -> InvitationQuerySet:
        """Invitations that could still be used at `ts` (ms)."""
        return self.filter(ended="", expires_ms__gte=ts, uses__lt=F("max_uses"))


class Invitation(models.Model):
    """A link's public half. Holders of the link can derive `id`; the secret stays with them."""

    id = models.CharField(primary_key=True, max_length=32)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="invitations")
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    seq = models.PositiveIntegerField()
    public_key = models.CharField(max_length=43, help_text="Ed25519")
    expires_ms = models.PositiveBigIntegerField(help_text="ms since 1970")
    max_uses = models.PositiveIntegerField()
    uses = models.PositiveIntegerField(default=0)
    ended = models.CharField(
        max_length=7, blank=True, choices=(("revoked", "revoked"), ("voided", "voided"))
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    card = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        db_table = "invitations"

    def __str__(self) -> str:
        return self.id

    def state_at(self, ts: int) -> str:
        """`open`, `revoked`, `voided`, `used` or `expired`."""
        if self.ended:
            return self.ended
        if self.uses >= self.max_uses:
            return "used"
        return "expired" if ts > self.expires_ms else "open"


class Knock(models.Model):
    """A request to join by a link, or under a new key (then `invitation_id` is empty)."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="knocks")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="knocks"
    )
    invitation_id = models.CharField(max_length=32, blank=True)
    body = models.TextField()
    signature = models.CharField(max_length=86)
    invitation_signature = models.CharField(max_length=86, blank=True)
    refused = models.BooleanField(default=False)
    knocked_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "knocks"
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="knock_once")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.room_id}"


class InvitationItem(models.Model):
    """An epoch's key under the link's key (`item`), and the link's key under the epoch's
    (`escrow`, so that a later rotation can extend the link).
    """

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="items")
    epoch = models.PositiveIntegerField()
    item = models.TextField()
    escrow = models.TextField(blank=True)

    class Meta:
        db_table = "invitation_items"
        constraints = [models.UniqueConstraint(fields=["invitation", "epoch"], name="item_once")]


class InvitationUse(models.Model):
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="joiners")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    used_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "invitation_uses"
        constraints = [models.UniqueConstraint(fields=["invitation", "user"], name="use_once")]


class InvitationSignUp(models.Model):
    """An account created with a link. It takes one of the link's uses even before its person joins,
    and after the account has ended.
    """

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="sign_ups")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        db_table = "invitation_sign_ups"


class Wrap(models.Model):
    """An epoch's key, encrypted to one member's RSA key by one giver."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="wraps")
    epoch = models.PositiveIntegerField()
    to_kid = models.CharField(max_length=43)
    giver = models.CharField(max_length=32)
    ciphertext = models.CharField(max_length=512)

    class Meta:
        db_table = "wraps"
        constraints = [
            models.UniqueConstraint(
                fields=["room", "to_kid", "epoch", "giver"], name="wrap_once_a_giver"
            )
        ]

    def __str__(self) -> str:
        return f"epoch {self.epoch} of {self.room_id} to {self.to_kid}"


class ProfileBox(models.Model):
    """Name, topic and avatar of the room, encrypted under an epoch's key."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="profiles")
    epoch = models.PositiveIntegerField()
    box = models.TextField()

    class Meta:
        db_table = "profile_boxes"
        constraints = [models.UniqueConstraint(fields=["room", "epoch"], name="profile_once")]
