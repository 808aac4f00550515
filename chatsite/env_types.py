"""Types of variables: each parser takes the text and returns the value, or raises ValueError with
the rest of a sentence that begins with the variable's name and never quotes the value.
"""

from __future__ import annotations

import math
import re
import ssl
import warnings
from collections.abc import Callable, Iterable
from email.utils import parseaddr
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import unquote, urlsplit

import environ

TRUE, FALSE = {"1", "true", "yes", "on", "y", "t"}, {"0", "false", "no", "off", "n", "f"}
SIZE = re.compile(r"(\d+)\s*([a-z]*)", re.IGNORECASE | re.ASCII)
UNITS = {
    "": 1, "b": 1,
    "kb": 1000, "mb": 1000**2, "gb": 1000**3, "tb": 1000**4,
    "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4,
    "kib": 1024, "mib": 1024**2, "gib": 1024**3, "tib": 1024**4,
}  # fmt: skip
DATABASES = {"django.db.backends.postgresql", "django.db.backends.sqlite3"}
HOST_NAME = re.compile(
    r"\.?[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_-]{1,63})*|\[[0-9a-f:.]+\]", re.I | re.A
)
REDIS_PREFIX = re.compile(r"[A-Za-z0-9:._-]{0,64}")
ROOM_ID = re.compile(r"[0-9a-f]{32}")
MONGO_NAME = re.compile(r'[^/\\. "$*<>:|?\0]{1,63}')


def text(value: str) -> str:
    return value


def words(value: str) -> list[str]:
    """A list that is separated by commas."""
    return [word.strip() for word in value.split(",") if word.strip()]


def host_names(value: str) -> list[str]:
    """Names as Django's ALLOWED_HOSTS takes them, separated by commas."""
    found = words(value)
    if not all(word == "*" or HOST_NAME.fullmatch(word) for word in found):
        raise ValueError(
            "is not a list of host names: write names without https:// and without a port, "
            "separated by commas."
        )
    return found


def origins(value: str) -> list[str]:
    """Origins of pages, separated by commas; `*` is none."""
    found, parse = words(value), url("http", "https", bare=True)
    try:
        return [parse(word).lower() for word in found]
    except ValueError:
        raise ValueError(
            "is not a list of origins: write each as https://app.example.org, with the port if it "
            "is an unusual one, separated by commas."
        ) from None


def address(value: str) -> str:
    """The address or the name of an interface of this machine."""
    if HOST_NAME.fullmatch(value.strip("[]")) or _is_address(value.strip("[]")):
        return value.strip("[]")
    raise ValueError("is neither an address of this machine nor a name of one.")


def _is_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def boolean(value: str) -> bool:
    if value.lower() in TRUE | FALSE:
        return value.lower() in TRUE
    raise ValueError("is neither on nor off: write 1 or 0.")


def integer(least: int, most: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if re.fullmatch(r"[+-]?[0-9_]{1,20}", value) and value[-1] != "_":
            number = int(value.replace("_", ""))
            if least <= number <= most:
                return number
        raise ValueError(f"is not a whole number from {least} to {most}.")

    return parse


def number(least: float, most: float) -> Callable[[str], float]:
    def parse(value: str) -> float:
        found = _finite(value)
        if found is None or not least <= found <= most:
            raise ValueError(f"is not a number from {least:g} to {most:g}.")
        return found

    return parse


def size(least: int, most: int) -> Callable[[str], int]:
    """Bytes, with or without a unit: 67108864, 64MiB, 64MB (a million each)."""

    def parse(value: str) -> int:
        match = SIZE.fullmatch(value)
        factor = UNITS.get(match[2].lower()) if match else None
        if match is None or factor is None:
            raise ValueError("is not a size: write bytes, or a unit, as in 64MiB or 64MB.")
        if len(match[1]) > 20 or not least <= int(match[1]) * factor <= most:
            raise ValueError(f"is not a size from {least} to {most} bytes.")
        return int(match[1]) * factor

    return parse


def choice(options: Iterable[str]) -> Callable[[str], str]:
    """One of `options`, in upper or lower case."""
    by_name = {option.lower(): option for option in options}

    def parse(value: str) -> str:
        if value.lower() not in by_name:
            raise ValueError(f"is none of {', '.join(by_name.values())}.")
        return by_name[value.lower()]

    return parse


def url(*schemes: str, bare: bool = False) -> Callable[[str], str]:
    """A URL with a host. `bare`: it ends after the host and the port."""

    def parse(value: str) -> str:
        kinds = " or ".join(f"{scheme}://" for scheme in schemes)
        try:
            parts = urlsplit(value)
            known = parts.scheme in schemes and bool(parts.hostname)
            more = bool(parts.path.strip("/") or parts.query or parts.fragment or parts.username)
            _ = parts.port
        except ValueError:
            known = more = False
        if not known or any(letter.isspace() for letter in value):
            raise ValueError(f"is not a URL: it begins with {kinds} and a host name.")
        if bare and more:
            raise ValueError(f"is more than an address: write {kinds}, the host and the port only.")
        return value.rstrip("/") if bare else value

    return parse


def engine_url(*schemes: str) -> Callable[[str], str]:
    """The URL of an engine. Its own driver parses the rest, several hosts for example."""

    def parse(value: str) -> str:
        if not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            kinds = " or ".join(f"{scheme}://" for scheme in schemes)
            raise ValueError(f"cannot be used as it is: it begins with {kinds}.")
        return value

    return parse


def mail_server(value: str) -> dict[str, Any]:
    """A mail server's URL, as Django's settings of it. `smtp` upgrades to TLS, except on this
    machine; `smtps` begins with it.
    """
    url("smtp", "smtps")(value)
    parts = urlsplit(value)
    secure = parts.scheme == "smtps"
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if secure else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        "EMAIL_USE_TLS": not secure and not local,
    }


def mail_address(value: str) -> str:
    """The address that mail comes from, with or without a name."""
    _, address = parseaddr(value)
    if "@" not in address.strip("@") or any(letter in value for letter in "\r\n"):
        raise ValueError("is not an address: write chat@example.org, or Chat <chat@example.org>.")
    return value


def mail_addresses(value: str) -> list[str]:
    """Addresses of people, separated by commas."""
    found = words(value)
    for word in found:
        mail_address(word)
    return found


def webhook(value: str) -> str:
    """The URL of a receiver; `http` is for networks that the operator names."""
    found = url("http", "https")(value)
    if urlsplit(found).username is not None:
        raise ValueError("has a user name in it: the receiver knows us by the signature.")
    return found


def ids(value: str) -> list[str]:
    """Ids of rooms, separated by commas."""
    found = words(value)
    if not all(ROOM_ID.fullmatch(one) for one in found):
        raise ValueError("is not a list of ids: write 32 letters each, separated by commas.")
    return found


def certificates(value: str) -> str:
    """The path of a PEM file with certificates."""
    try:
        ssl.create_default_context().load_verify_locations(value)
    except OSError:
        raise ValueError("is no file with PEM certificates that can be read.") from None
    return value


def private_networks(value: str) -> list[str]:
    """Networks, separated by commas; `*` is none."""
    if "*" in value:
        raise ValueError("is not a list of networks: write 10.0.0.0/24, separated by commas.")
    return words(networks(value))


def issuer(value: str) -> str:
    """A provider's URL: with TLS, unless it is on this machine."""
    found = url("http", "https")(value)
    parts = urlsplit(found)
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("needs https://, or the provider's word could be forged on the way.")
    return found


def database(value: str) -> dict[str, Any]:
    """PostgreSQL's or SQLite's URL, as Django's settings of one database."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            config: dict[str, Any] = environ.Env.db_url_config(value)
    except Exception:  # the text may quote the password
        config = {}
    if config.get("ENGINE") not in DATABASES or config.get("NAME") in (None, "", ":memory:"):
        raise ValueError(
            "cannot be used as it is: write postgres://user:password@host:5432/name (with %40 for "
            "@ and %2F for / in the password) or sqlite:////path/of/the/file."
        )
    return config


def mongo_name(value: str) -> str:
    if not MONGO_NAME.fullmatch(value):
        raise ValueError("is not a name that MongoDB takes: use letters, digits, - and _.")
    return value


def redis_prefix(value: str) -> str:
    if not REDIS_PREFIX.fullmatch(value):
        raise ValueError("is no prefix: use at most 64 of letters, digits and : . _ -")
    return value


def networks(value: str) -> str:
    """Addresses and networks, separated by commas; or * for all."""
    for word in words(value):
        try:
            if word != "*":
                ip_network(word)
        except ValueError:
            raise ValueError(
                "is not a list of addresses and networks: write 10.0.0.7 or 10.0.0.0/24, separated "
                "by commas, or *."
            ) from None
    return ",".join(words(value))


def prices(value: str) -> tuple[float, float]:
    """`in/out`, or one price for both."""
    found = [_finite(part) for part in value.split("/")]
    if len(found) > 2 or any(price is None or price < 0 for price in found):
        raise ValueError("is not two prices: write them as 0.40/1.60.")
    return float(found[0] or 0), float(found[-1] or 0)


def sentry_dsn(value: str) -> str:
    from sentry_sdk.utils import BadDsn, Dsn

    try:
        Dsn(value)
    except (BadDsn, ValueError):
        raise ValueError("is not a DSN: copy it from the project's settings in Sentry.") from None
    return value


def _finite(value: str) -> float | None:
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) else None
