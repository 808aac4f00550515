"""Every kind of signal: when it is raised, how grave it is, and what is done.

Settings read it before the apps are loaded: it imports nothing of them.
"""

from __future__ import annotations

from dataclasses import dataclass

NOTICE, WARNING, CRITICAL = SEVERITIES = ("notice", "warning", "critical")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of signal.

    Attributes:
        about: a sentence for the operator.
        threshold: number of different things within `window` that raise it.
        window: seconds. Of one network or person it is raised once in each window.
        slows: seconds for which the network is slowed down; 0 is not at all.
    """

    name: str
    about: str
    threshold: int
    window: int
    severity: str
    slows: int = 0

    @property
    def words(self) -> str:
        return self.name.replace("_", " ")


ADMINISTRATOR_NEW_PLACE = Kind(
    "administrator_new_place",
    "A person with a role in the admin is signed in from a network that their account has not "
    "signed in from before. Ask them; if it was not them, sign the account out and set another "
    "password.",
    threshold=1,
    window=86_400,
    severity=WARNING,
)
BAD_SIGNATURES = Kind(
    "bad_signatures",
    "An account sends events or messages whose signatures are not good. Its program is broken, "
    "or somebody tries to write as another. All of them were refused.",
    threshold=10,
    window=600,
    severity=WARNING,
)
ENUMERATION = Kind(
    "enumeration",
    "Many addresses were asked for that do not exist: somebody is looking for rooms, invitations "
    "or holes.",
    threshold=60,
    window=300,
    severity=NOTICE,
    slows=900,
)
LOG_FLOOD = Kind(
    "log_flood",
    "An account goes on to change rooms faster than it may, however often it is refused.",
    threshold=20,
    window=600,
    severity=NOTICE,
)
MANY_NETWORKS = Kind(
    "many_networks",
    "One account was used from many networks within an hour: people travel, but a stolen sign-in "
    "that is passed around looks like this. Ask the person; disable the account if they do not "
    "know.",
    threshold=6,
    window=3600,
    severity=WARNING,
)
PASSWORD_SPRAYING = Kind(
    "password_spraying",
    "Sign-ins of many user names failed from one network: somebody tries common passwords on "
    "many accounts. Many people behind one address who mistype look the same.",
    threshold=20,
    window=600,
    severity=WARNING,
    slows=900,
)
REFRESH_REUSE = Kind(
    "refresh_reuse",
    "A refresh token was used that had been exchanged before: there is a copy of it. The sign-in "
    "has ended. Ask the person which programs they use, and where those keep their tokens.",
    threshold=1,
    window=3600,
    severity=CRITICAL,
)
UPLOAD_FLOOD = Kind(
    "upload_flood",
    "An account goes on to send files faster than it may, however often it is refused.",
    threshold=20,
    window=600,
    severity=NOTICE,
)

RETIRED = "Signals of this kind were raised by another version of Sotto."


def kind_of(name: str) -> Kind:
    """The kind of a stored signal, which may be of a version that had others."""
    return KINDS.get(name) or Kind(name, RETIRED, threshold=1, window=1, severity=NOTICE)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        ADMINISTRATOR_NEW_PLACE,
        BAD_SIGNATURES,
        ENUMERATION,
        LOG_FLOOD,
        MANY_NETWORKS,
        PASSWORD_SPRAYING,
        REFRESH_REUSE,
        UPLOAD_FLOOD,
    )
}
THRESHOLDS = {name: (kind.threshold, kind.window) for name, kind in KINDS.items()}
"""Thresholds and windows by kind; `SIGNALS` changes single ones."""
