"""Users, identities (public keys, signed by themselves), sealed kits, blocks, sign-ins, links."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.activity.models import DayFigures
from accounts.audit.models import AuditEntry, AuditHead, FailedSignIns, PendingEvent
from accounts.bots.models import BotToken
from accounts.intrusion.models import IntrusionSignal
from accounts.managers import SignInQuerySet, UserManager, kept_for_ever
from accounts.site_settings.models import SiteSettings
from accounts.sso.models import ExternalIdentity

__all__ = [
    "AuditEntry",
    "AuditHead",
    "BotToken",
    "DayFigures",
    "ExternalIdentity",
    "FailedSignIns",
    "IntrusionSignal",
    "PendingEvent",
    "SiteSettings",
]  # Django looks for models here
NOTE_EVERY = timedelta(minutes=5)


def new_id() -> str:
    """16 random bytes as 32 hex characters."""
    return secrets.token_hex(16)


class User(AbstractBaseUser, PermissionsMixin):
    """An account. `id` is the protocol's uid; `name` never changes: identities sign it.

    A row is never deleted, so that no name is given twice. `accounts.lifecycle` ends one:
    the row then has `deleted_at`, and nothing else of the account stays but what logs name.
    """

    id = models.CharField(primary_key=True, max_length=32, default=new_id, editable=False)
    name = models.CharField(
        _("user name"),
        max_length=32,
        unique=True,
        validators=[
            RegexValidator(
                r"\A[a-z0-9_.-]{3,32}\Z",
                _("Use 3 to 32 of these: a-z, 0-9, dot, hyphen, underscore."),
            )
        ],
    )
    NO_ROLE, AUDITOR, HELPER, ADMINISTRATOR = "", "auditor", "helper", "administrator"
    ROLES = (
        (NO_ROLE, _("none")),
        (AUDITOR, _("auditor: reads")),
        (HELPER, _("helper: invites people, disables accounts, makes links to new passwords")),
        (ADMINISTRATOR, _("administrator: everything")),
    )
    role = models.CharField(
        _("role in the admin"), max_length=13, choices=ROLES, blank=True, default=NO_ROLE
    )
    mail = models.EmailField(
        _("mail address"),
        blank=True,
        default="",
        help_text=_("for links to a new password and security notices; nobody else sees it"),
    )
    # True until a first role is given, once it is: who knew a password can change it, too.
    password_by_link = models.BooleanField(default=False, db_default=False, editable=False)
    bot_of = models.ForeignKey(
        "self",
        verbose_name=_("bot of"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="bots",
    )
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)

    objects = UserManager()
    USERNAME_FIELD = "name"
    REQUIRED_FIELDS = []

    class Meta:
        db_table = "users"
        constraints = [
            models.UniqueConstraint(Lower("name"), name="user_name_once_in_any_case"),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(is_active=False, role=""),
                name="deleted_user_has_no_rights",
            ),
            models.CheckConstraint(
                condition=Q(role__in=("", "auditor", "helper", "administrator")),
                name="role_is_known",
            ),
            models.CheckConstraint(
                condition=Q(bot_of=None) | Q(role="", mail=""), name="bot_has_no_role"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Refused: the name would be free for somebody else."""
        raise kept_for_ever({self})

    @property
    def is_bot(self) -> bool:
        """True for the account of a program."""
        return self.bot_of_id is not None

    @property
    def is_staff(self) -> bool:
        """True for any role: Django's admin lets nobody else in."""
        return self.role != self.NO_ROLE

    @property
    def is_superuser(self) -> bool:  # type: ignore[override]
        """True for administrators: Django asks for no permission of theirs."""
        return self.role == self.ADMINISTRATOR

    @property
    def is_administrator(self) -> bool:
        return self.is_active and self.is_superuser

    @property
    def current_identity(self) -> Identity | None:
        return self.identities.order_by("-number").first()

    @property
    def current_kid(self) -> str | None:
        return self.identities.order_by("-number").values_list("kid", flat=True).first()


class Identity(models.Model):
    """A signed identity body, kept as the text that was signed. Named by its hash.

    Readers of a log that names it need it: `rooms.models.LogIdentity` protects it there.
    """

    kid = models.CharField(primary_key=True, max_length=43)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="identities")
    number = models.PositiveIntegerField(help_text="1 for the first of its user")
    body = models.TextField()
    signature = models.CharField(max_length=86)
    ed25519_key = models.BinaryField(max_length=32)
    agent = models.CharField(max_length=64, blank=True, help_text="that published it")
    address = models.CharField(max_length=64, blank=True, help_text="the network, never whole")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "identities"
        verbose_name_plural = "identities"
        constraints = [models.UniqueConstraint(fields=["user", "number"], name="identity_n_once")]

    def __str__(self) -> str:
        return self.kid


class SignIn(models.Model):
    """One place where somebody is signed in: a browser (its session names the row) or a program
    (so do its tokens). It stands while the row is there and in time, the account is not disabled,
    and the password is the one that it began with.

    A program's refresh tokens replace one another; only that of the present `turn` is good, and
    using an earlier one again (a theft, or a copy) ends the sign-in, unless the turn is some
    seconds old. `refresh_salt` is empty for browsers.
    """

    id = models.CharField(primary_key=True, max_length=32, default=new_id)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    refresh_salt = models.CharField(max_length=64, blank=True)
    turn = models.PositiveIntegerField(default=0)
    turned_at = models.DateTimeField(null=True)
    by_sso = models.BooleanField("by single sign-on", default=False, db_default=False)
    password_mark = models.CharField(max_length=32)
    bot_token = models.ForeignKey(
        BotToken, on_delete=models.CASCADE, null=True, related_name="sign_ins"
    )
    agent = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    objects = SignInQuerySet.as_manager()

    class Meta:
        db_table = "sign_ins"
        verbose_name = "sign-in"

    def __str__(self) -> str:
        return f"{self.user.name}: {self.agent}"

    @property
    def program(self) -> bool:
        return bool(self.refresh_salt)

    @property
    def stands(self) -> bool:
        same = self.password_mark == password_mark(self.user.password)
        return same and self.user.is_active and self.expires_at > timezone.now()

    def use(self) -> None:
        """Note that it was used; not at every request, for each note is a write."""
        if timezone.now() - self.seen_at > NOTE_EVERY:
            SignIn.objects.filter(pk=self.pk).seen()


def password_mark(hashed: str) -> str:
    """Changes with the password; tells nothing of it, nor of its hash, which has a random salt."""
    return sha256(b"sotto/password|" + hashed.encode()).hexdigest()[:32]


class SealedKit(models.Model):
    """A recovery kit without its code, kept for who asked for it. Opaque to the server."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="sealed_kit"
    )
    kit = models.JSONField()
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "sealed_kits"


class AccountLink(models.Model):
    """A link that leads into an account: to a new password for one, or to a new one. Its secret is
    in the link alone; `accounts.links` says what it does.

    An account may have two links to a new password: one that its person asked for (`made_by` is
    that person), and one that somebody else made for them.
    """

    PASSWORD, ACCOUNT = "password", "account"
    KINDS = ((PASSWORD, "a new password"), (ACCOUNT, "a new account"))

    kind = models.CharField(max_length=8, choices=KINDS)
    secret_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="password_links"
    )
    administrator = models.BooleanField("makes an administrator", default=False)
    note = models.CharField(max_length=200, blank=True)
    max_uses = models.PositiveIntegerField(default=1)
    uses = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "account_links"
        verbose_name = "sign-up link"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="account", user=None)
                | Q(kind="password", user__isnull=False, max_uses=1, administrator=False),
                name="password_link_is_of_one_account",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(kind="password", made_by=F("user")),
                name="one_link_asked_for",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(kind="password") & ~Q(made_by=F("user")),
                name="one_link_handed_over",
            ),
            models.CheckConstraint(
                condition=Q(uses__lte=F("max_uses"), max_uses__gte=1), name="link_uses_in_bounds"
            ),
            models.CheckConstraint(
                condition=Q(administrator=False) | Q(max_uses=1),
                name="administrator_link_is_used_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} ({self.note})" if self.note else str(self.pk)


class CodeTries(models.Model):
    """Wrong codes of a second factor since the last right one: `accounts.code_tries`."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="code_tries"
    )
    wrong = models.PositiveIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "second_factor_tries"


class Block(models.Model):
    """`user` wants nothing from `blocked`."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocked_by")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "blocks"
        constraints = [models.UniqueConstraint(fields=["user", "blocked"], name="block_once")]


class StorageUse(models.Model):
    """Bytes that one person has stored, in all rooms together. Told by uid alone: a room keeps its
    messages when an account goes.
    """

    uid = models.CharField(primary_key=True, max_length=32)
    messages = models.PositiveBigIntegerField(default=0, help_text="bytes")
    files = models.PositiveBigIntegerField(default=0, help_text="bytes, on their way in or here")
    log = models.PositiveBigIntegerField(
        "room logs", default=0, help_text="bytes; never given back"
    )
    most = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="bytes that this person may store; else as everybody"
    )

    class Meta:
        db_table = "storage_use"
        verbose_name = verbose_name_plural = "storage"

    def __str__(self) -> str:
        """The name, where the admin has looked it up."""
        return getattr(self, "who", None) or self.uid

    @property
    def total(self) -> int:
        return self.messages + self.files + self.log
