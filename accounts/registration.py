"""The one way to a new account, for the page, the API and programs.

The site's settings, else `REGISTRATION`, say who may: anybody (`open`), anyone with an open
invitation link to a room (`invited`), or nobody (`closed`). A link's holder proves it by a
signature under a key that derives from the link; the link's secret stays with them. Holders of a
sign-up link, which an administrator made, may in any case.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import links
from accounts.audit.recording import record
from accounts.models import User
from accounts.signals import invitation_shown, invited
from accounts.site_settings import current
from chatsite.lib.errors import Conflict, Forbidden, Refused

OPEN, INVITED, CLOSED = MODES = ("open", "invited", "closed")


@dataclass(frozen=True, slots=True)
class LinkProof:
    """An invitation's id, and a signature by its link over the id and the name wanted."""

    iid: str
    sig: str


def register(
    name: str, password: str, proof: LinkProof | None = None, secret: str | None = None
) -> User:
    """Make an account.

    Args:
        name: the user name, in any case; kept in lower case.
        proof: needed where `REGISTRATION` is `invited`; elsewhere nobody looks at it.
        secret: of a sign-up link, in place of a proof.

    Raises:
        Forbidden: `registration_closed`, `invitation_needed` or `bad_invitation`.
        NotFound, Gone: `invite_unknown`, or `invite_` and how the invitation ended; `link_…` alike.
        Refused: `invalid`, with a sentence that says what to change.
        Conflict: `name_taken`.
    """
    user = User(name=name.lower())
    if secret is None:
        _check_open(proof)
    else:
        links.account_link(secret)
    try:
        user.full_clean(exclude=["password"], validate_unique=False, validate_constraints=False)
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="invalid") from None
    link = _checked_link(user.name, proof) if secret is None else None
    user.set_password(password)  # slow: not for strangers
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            if link is not None:
                invited.send(User, user=user, iid=link.iid)
            if secret is not None:
                links.use_for(user, secret)
            else:
                how = "open" if link is None else "invitation"
                record("account.registered", by=user, account=user, how=how)
    except IntegrityError:
        raise Conflict("That user name is taken. Choose another.", code="name_taken") from None
    return user


def limit_name() -> str:
    """Which of `RATE_LIMITS` counts tries to register: who holds links is counted apart."""
    return "register" if current.registration() == OPEN else "register_invited"


def _check_open(proof: LinkProof | None) -> None:
    """Refuse where nobody may register, or nobody without a link."""
    if current.registration() not in (OPEN, INVITED):
        raise Forbidden(_closed(), code="registration_closed")
    if current.registration() == INVITED and proof is None:
        raise Forbidden(
            "New accounts need an invitation link. Ask a member of a room for one.",
            code="invitation_needed",
        )


def _checked_link(name: str, proof: LinkProof | None) -> LinkProof | None:
    """The proof, if one is needed and it is good; None where none is needed."""
    if current.registration() == OPEN or proof is None:
        return None
    answers = invitation_shown.send(User, name=name, iid=proof.iid, sig=proof.sig)
    if not any(good for _, good in answers):
        raise Forbidden("This server cannot check invitations.", code="bad_invitation")
    return proof


def _closed() -> str:
    if settings.CONTACT:
        return f"This server takes no new accounts. Ask {settings.CONTACT}."
    return "This server takes no new accounts. Ask its administrator."
