"""Every variable that Sotto reads from the environment: type, bounds, default and meaning.

The README's table, `.env.example` and the warnings about unknown names come from this one table.
Each variable has a `NAME_FILE` twin, the path of a file that holds the value.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured

from chatsite import env_types as types
from chatsite.env import Variable
from chatsite.lib import limit_lists

T = TypeVar("T")
BASE_DIR = Path(__file__).resolve().parent.parent
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
SECRET_LEAST = 32  # characters
MB, GB, TB = 1024**2, 1024**3, 1024**4

TABLE: dict[str, Variable[Any]] = {}


def _add(variable: Variable[T]) -> Variable[T]:
    TABLE[variable.name] = variable
    return variable


# --- where people find the site --------------------------------------------------------------

PUBLIC_URL = _add(Variable("PUBLIC_URL", types.url("http", "https", bare=True), "",
    "where people open it; with `https://` cookies are secure and HSTS is on",
    "`http://localhost:PORT`"))  # fmt: skip
HOST = _add(Variable("HOST", types.address, "127.0.0.1",
    "the address that a process listens on", "`127.0.0.1`"))  # fmt: skip
PORT = _add(Variable("PORT", types.integer(1, 65535), 8000,
    "the port that a process listens on", "`8000`"))  # fmt: skip
ALLOWED_HOSTS = _add(Variable[list[str]]("ALLOWED_HOSTS", types.host_names, [],
    "host names that are answered, separated by commas",
    "the host of `PUBLIC_URL`, and loopback"))  # fmt: skip
TRUSTED_PROXIES = _add(Variable("TRUSTED_PROXIES", types.networks, "127.0.0.1,::1",
    "addresses or networks whose `X-Forwarded-For` is believed; limits count by it. `*` where only "
    "a proxy can reach the process", "`127.0.0.1,::1`"))  # fmt: skip

CORS_ALLOWED_ORIGINS = _add(Variable[list[str]]("CORS_ALLOWED_ORIGINS", types.origins, [],
    "origins whose pages may use the API with a bearer token, separated by commas; cookies count "
    "on this site's own pages alone", "none"))  # fmt: skip

# --- secrets ---------------------------------------------------------------------------------

SECRET_KEY = _add(Variable("SECRET_KEY", types.text, "",
    "signs sessions and tokens; changing it signs everybody out. With `DATABASE_URL` or "
    "`REDIS_URL` it must be given", "made once, in `SOTTO_DATA/secrets`", secret=True))  # fmt: skip
SECRET_KEY_FALLBACKS = _add(Variable[list[str]]("SECRET_KEY_FALLBACKS", types.words, [],
    "keys before that one, which still count, separated by commas", "none",
    secret=True))  # fmt: skip

SECOND_FACTOR_KEY = _add(Variable("SECOND_FACTOR_KEY", types.text, "",
    "encrypts the secrets of second factors in the database; without it they are lost, and "
    "`manage.py people second-factor` turns each off. Processes with data folders of their own "
    "need the same one", "made once, in `SOTTO_DATA/secrets`", secret=True))  # fmt: skip
SITE_KEY = _add(Variable("SITE_KEY", types.text, "",
    "signs the notice that a restored site leaves; used by `manage.py restore` alone",
    "made once, in `SOTTO_DATA/secrets`", secret=True))  # fmt: skip

# --- engines ---------------------------------------------------------------------------------

SOTTO_DATA = _add(Variable("SOTTO_DATA", types.text, str(BASE_DIR / "data"),
    "folder of the database, of attachments, and of secrets made at the first start",
    "`./data`"))  # fmt: skip
DATABASE_URL = _add(Variable[dict[str, Any]]("DATABASE_URL", types.database, {},
    "for example `postgres://user:password@host/sotto`", "SQLite in `SOTTO_DATA`",
    secret=True))  # fmt: skip
DATABASE_POOL_MIN = _add(Variable("DATABASE_POOL_MIN", types.integer(0, 1000), 1,
    "connections to PostgreSQL that a process keeps open", "`1`"))  # fmt: skip
DATABASE_POOL_MAX = _add(Variable("DATABASE_POOL_MAX", types.integer(1, 1000), 10,
    "connections to PostgreSQL that the requests of a process have at a time; six more belong to "
    "its sockets and its lock", "`10`"))  # fmt: skip
DATABASE_POOL_TIMEOUT = _add(Variable("DATABASE_POOL_TIMEOUT", types.number(0.1, 300), 5.0,
    "seconds that a request waits for one of them before it is answered with 503",
    "`5`"))  # fmt: skip
MONGODB_URL = _add(Variable("MONGODB_URL", types.engine_url("mongodb", "mongodb+srv"), "",
    "messages in MongoDB instead; a replica set, written with majority concern", "none",
    secret=True))  # fmt: skip
MONGODB_DATABASE = _add(Variable("MONGODB_DATABASE", types.mongo_name, "sotto",
    "the database of `MONGODB_URL`", "`sotto`"))  # fmt: skip
REDIS_URL = _add(Variable("REDIS_URL", types.engine_url("redis", "rediss", "unix"), "",
    "what several processes share: events, presence, rate limits, cache, sessions", "none",
    secret=True))  # fmt: skip
REDIS_PREFIX = _add(Variable("REDIS_PREFIX", types.redis_prefix, "",
    "what every key in Redis begins with, such as `club:`, where several sites share one; changing "
    "it signs browsers out", "none"))  # fmt: skip

# --- people ----------------------------------------------------------------------------------

REGISTRATION = _add(Variable("REGISTRATION", types.choice(("open", "invited", "closed")), "",
    "who may make an account: `open`, anybody; `invited`, anybody with an open invitation link to "
    "a room; `closed`, nobody. Sign-up links, which administrators make, let in whatever it says",
    "`open` on localhost alone, else `invited`"))  # fmt: skip
BOTS = _add(Variable("BOTS", types.choice(("people", "administrators", "nobody")), "people",
    "who may make bots, accounts of programs that sign in by tokens: `people`, everybody who has "
    "an account; `administrators`; `nobody`", "`people`"))  # fmt: skip
SECOND_FACTOR = _add(Variable("SECOND_FACTOR", types.choice(("optional", "roles", "everybody")), "",
    "who needs a second factor beside the password: `optional`, nobody; `roles`, everybody who "
    "has a role in the admin, to use it; `everybody`, all people who have a password here, before "
    "they do anything else", "`optional` on localhost alone, else `roles`"))  # fmt: skip
OIDC_ISSUER = _add(Variable("OIDC_ISSUER", types.issuer, "",
    "an OpenID Connect provider for single sign-on; `PUBLIC_URL/accounts/sso/callback/` is the "
    "address to register there", "none"))  # fmt: skip
OIDC_CLIENT_ID = _add(Variable("OIDC_CLIENT_ID", types.text, "",
    "this site's name at the provider", "none"))  # fmt: skip
OIDC_CLIENT_SECRET = _add(Variable("OIDC_CLIENT_SECRET", types.text, "",
    "this site's secret at the provider", "none", secret=True))  # fmt: skip
OIDC_NAME = _add(Variable("OIDC_NAME", types.text, "",
    "the provider, as the log-in page names it", "`single sign-on`"))  # fmt: skip
OIDC_SCOPE = _add(Variable("OIDC_SCOPE", types.text, "openid profile",
    "what the provider is asked for; some need `groups` for that claim",
    "`openid profile`"))  # fmt: skip
OIDC_SIGN_UP_GROUP = _add(Variable("OIDC_SIGN_UP_GROUP", types.text, "",
    "people whose `groups` claim names this group get an account by single sign-on; without it "
    "people link accounts that they have", "none"))  # fmt: skip
OIDC_RECHECK = _add(Variable("OIDC_RECHECK", types.integer(0, 10_080), 15,
    "minutes after which the provider is asked again whether somebody is still there, by the "
    "refresh token that it gave; who is not is signed out. 0 never asks", "`15`"))  # fmt: skip
SMTP_URL = _add(Variable[dict[str, Any]]("SMTP_URL", types.mail_server, {},
    "a mail server, as `smtp://user:password@host:587` (TLS by STARTTLS) or `smtps://…`: sends "
    "links to new passwords and security notices to people who have an address here", "none",
    secret=True))  # fmt: skip
MAIL_FROM = _add(Variable("MAIL_FROM", types.mail_address, "",
    "the address that such mail comes from", "`sotto@` and the host of `PUBLIC_URL`"))  # fmt: skip
TERMS_URL = _add(Variable("TERMS_URL", types.url("http", "https"), "",
    "the terms of use, which people accept who make an account; the sign-up page links to them",
    "none"))  # fmt: skip
CONTACT = _add(Variable("CONTACT", types.text, "",
    "whom to ask for an account or a new password, as pages say it: a name or an address",
    "none"))  # fmt: skip

# --- limits ----------------------------------------------------------------------------------

RATE_LIMITS = _add(Variable[dict[str, tuple[int, int]]]("RATE_LIMITS", limit_lists.parse, {},
    "limits to change, as `login=10/600,messages=240/60`: how many, per seconds",
    "see `chatsite/rate_limits.py`"))  # fmt: skip
FILE_MOST = _add(Variable("FILE_MOST", types.size(1, TB), 64 * MB,
    "bytes that one attachment may have, or a size such as `64MiB`", "`64MiB`"))  # fmt: skip
STORAGE_PER_PERSON = _add(Variable("STORAGE_PER_PERSON", types.size(0, 1024 * TB), 2 * GB,
    "bytes that a person may store: messages, files and room logs, in all rooms together, or a "
    "size such as `2GiB`", "`2GiB`"))  # fmt: skip
DISK_FLOOR = _add(Variable("DISK_FLOOR", types.size(0, 1024 * TB), 256 * MB,
    "bytes of disk that stay free in `SOTTO_DATA`: below it nothing new is stored and reading goes "
    "on; 0 is no floor", "`256MiB`"))  # fmt: skip
ROOMS_PER_PERSON = _add(Variable("ROOMS_PER_PERSON", types.integer(1, 10**6), 1000,
    "open rooms that a person may own", "`1000`"))  # fmt: skip
DEVICES_PER_ROOM = _add(Variable("DEVICES_PER_ROOM", types.integer(1, 10**6), 1000,
    "devices that a person may write from in one room", "`1000`"))  # fmt: skip
PASSWORD_HASHES_AT_ONCE = _add(Variable("PASSWORD_HASHES_AT_ONCE", types.integer(1, 64), 2,
    "passwords that a process hashes at a time, with 64 MiB each; some others wait",
    "`2`"))  # fmt: skip
REQUESTS_AT_ONCE = _add(Variable("REQUESTS_AT_ONCE", types.integer(1, 1000), 3,
    "requests that a process works on at a time; the others wait at most ten seconds, and the "
    "address that has used the least goes first", "`3`"))  # fmt: skip
UPLOADS_PER_PERSON = _add(Variable("UPLOADS_PER_PERSON", types.integer(1, 1000), 10,
    "uploads of one person that a process takes at a time", "`10`"))  # fmt: skip
UPLOADS_AT_ONCE = _add(Variable("UPLOADS_AT_ONCE", types.integer(1, 10_000), 40,
    "uploads of all people that a process takes at a time", "`40`"))  # fmt: skip
BODY_RATE = _add(Variable("BODY_RATE", types.integer(0, 10**9), 4000,
    "bytes a second that a request's body has to bring at least", "`4000`"))  # fmt: skip
BODY_WINDOW = _add(Variable("BODY_WINDOW", types.number(0.1, 3600), 30.0,
    "seconds over which `BODY_RATE` is measured", "`30`"))  # fmt: skip
HEADERS_WITHIN = _add(Variable("HEADERS_WITHIN", types.number(0.1, 3600), 10.0,
    "seconds within which the head of a request has to be here", "`10`"))  # fmt: skip
CONNECTIONS_PER_ADDRESS = _add(Variable("CONNECTIONS_PER_ADDRESS", types.integer(1, 10**6), 600,
    "connections of one address (IPv6: of one /64) to a process; trusted proxies have no such "
    "limit", "`600`"))  # fmt: skip
CONNECTIONS_AT_ONCE = _add(Variable("CONNECTIONS_AT_ONCE", types.integer(0, 10**6), 0,
    "connections that a process takes in all; 0 is what its limit of descriptors allows",
    "`0`"))  # fmt: skip
SOCKETS_PER_ADDRESS = _add(Variable("SOCKETS_PER_ADDRESS", types.integer(1, 10**6), 500,
    "sockets of one address to a process, whatever proxies are between", "`500`"))  # fmt: skip
SOCKETS_PER_PERSON = _add(Variable("SOCKETS_PER_PERSON", types.integer(1, 10**6), 20,
    "sockets of one account to a process", "`20`"))  # fmt: skip

SOCKET_COMPRESSION = _add(Variable("SOCKET_COMPRESSION", types.boolean, False,
    "compress what goes over sockets (permessage-deflate): three tenths fewer bytes, for twice the "
    "memory of a socket and two fifths more of the processor", "off"))  # fmt: skip

# --- summaries -------------------------------------------------------------------------------

SUMMARY_MOST_MESSAGES = _add(Variable("SUMMARY_MOST_MESSAGES", types.integer(1, 100_000), 2000,
    "messages that one summary may cover", "`2000`"))  # fmt: skip
SUMMARY_TOKENS_PER_DAY = _add(Variable("SUMMARY_TOKENS_PER_DAY", types.integer(0, 10**12), 500_000,
    "tokens that a room may use in a day; 0 is no end", "`500000`"))  # fmt: skip
SUMMARY_COST_PER_DAY = _add(Variable("SUMMARY_COST_PER_DAY", types.number(0, 10**9), 2.0,
    "what a room may use in a day, in the currency of `OPENAI_PRICES`; 0 is no end",
    "`2.0`"))  # fmt: skip
SUMMARY_KEY = _add(Variable("SUMMARY_KEY", types.text, "",
    "the worker's key pair (RSA-3072, PEM), which web processes must not have",
    "made in `SOTTO_DATA/secrets`", secret=True))  # fmt: skip
SUMMARY_PART = _add(Variable("SUMMARY_PART", types.integer(100, 10**7), 24_000,
    "the worker's: characters that go to the model at once", "`24000`"))  # fmt: skip
OPENAI_API_KEY = _add(Variable("OPENAI_API_KEY", types.text, "",
    "the worker's: the key of the model's server; without it and `OPENAI_BASE_URL` there is no "
    "model", "none", secret=True))  # fmt: skip
OPENAI_BASE_URL = _add(Variable("OPENAI_BASE_URL", types.url("http", "https"), "",
    "the worker's: any server that speaks OpenAI's protocol", "none"))  # fmt: skip
OPENAI_MODEL = _add(Variable("OPENAI_MODEL", types.text, "gpt-4.1-mini",
    "the worker's: the model that it asks", "`gpt-4.1-mini`"))  # fmt: skip
OPENAI_PRICES = _add(Variable("OPENAI_PRICES", types.prices, (0.40, 1.60),
    "the worker's: per million tokens, in and out", "`0.40/1.60`"))  # fmt: skip
OPENAI_TIMEOUT = _add(Variable("OPENAI_TIMEOUT", types.number(1, 3600), 60.0,
    "the worker's: seconds for one answer of the model", "`60`"))  # fmt: skip

# --- for operators ---------------------------------------------------------------------------

LOG_LEVEL = _add(Variable("LOG_LEVEL", types.choice(LEVELS), "INFO",
    "`DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`; logs never hold a message, a key or a "
    "token", "`INFO`"))  # fmt: skip
LOG_FORMAT = _add(Variable("LOG_FORMAT", types.choice(("line", "json")), "line",
    "`line` or `json`", "`line`"))  # fmt: skip
AUDIT_DAYS = _add(Variable("AUDIT_DAYS", types.integer(0, 36_500), 365,
    "days for which the audit log keeps its entries; 0 keeps them all", "`365`"))  # fmt: skip
SIGNALS = _add(Variable[dict[str, tuple[int, int]]]("SIGNALS", limit_lists.parse, {},
    "thresholds of intrusion signals to change, as `password_spraying=40/600`: how many, per "
    "seconds", "see `accounts/intrusion/kinds.py`"))  # fmt: skip
ALERT_MAIL = _add(Variable[list[str]]("ALERT_MAIL", types.mail_addresses, [],
    "addresses to which `SMTP_URL` brings a mail about each intrusion signal, separated by commas",
    "none"))  # fmt: skip
ALERT_WEBHOOK = _add(Variable("ALERT_WEBHOOK", types.webhook, "",
    "the https address to which each intrusion signal is posted, signed; ids only", "none",
    secret=True))  # fmt: skip
ALERT_WEBHOOK_SECRET = _add(Variable("ALERT_WEBHOOK_SECRET", types.text, "",
    "the key of these signatures, at least 32 characters, which the receiver has, too", "none",
    secret=True))  # fmt: skip
ALERT_NETWORKS = _add(Variable[list[str]]("ALERT_NETWORKS", types.private_networks, [],
    "private networks in which that receiver may be, by http as well, separated by commas; "
    "elsewhere private addresses are refused", "none"))  # fmt: skip
EVENT_WEBHOOK = _add(Variable("EVENT_WEBHOOK", types.webhook, "",
    "the https address to which what happens to rooms, accounts, bots and reports is posted, "
    "signed; ids only", "none", secret=True))  # fmt: skip
EVENT_WEBHOOK_SECRET = _add(Variable("EVENT_WEBHOOK_SECRET", types.text, "",
    "the key of these signatures, at least 32 characters", "none", secret=True))  # fmt: skip
EVENT_WEBHOOK_ROOMS = _add(Variable[list[str]]("EVENT_WEBHOOK_ROOMS", types.ids, [],
    "ids of the rooms that are posted about, separated by commas; then nothing else is",
    "everything"))  # fmt: skip
WEBHOOK_CA = _add(Variable("WEBHOOK_CA", types.certificates, "",
    "a PEM file with authorities that receivers of webhooks may have their certificates from, "
    "beside the system's", "none"))  # fmt: skip
METRICS_TOKEN = _add(Variable("METRICS_TOKEN", types.text, "",
    "who shows it as a bearer token may read `/metrics` ([docs/metrics.md](docs/metrics.md))",
    "none", secret=True))  # fmt: skip
SENTRY_DSN = _add(Variable("SENTRY_DSN", types.sentry_dsn, "",
    "reports errors there: their kinds and places, nothing else", "none",
    secret=True))  # fmt: skip
ALIVE_FILE = _add(Variable("ALIVE_FILE", types.text, "",
    "a file that the process touches every half minute while its engines are there",
    "none"))  # fmt: skip
DEBUG = _add(Variable("DEBUG", types.boolean, False,
    "never on a server that others reach", "off"))  # fmt: skip


def check() -> None:
    """Read every variable, also those that this process would read later or never.

    Raises:
        ImproperlyConfigured: one line about the first bad value.
    """
    for variable in TABLE.values():
        variable.read()


def rate_limits(defaults: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """`defaults` with the changes of RATE_LIMITS.

    Raises:
        ImproperlyConfigured: RATE_LIMITS is unreadable, or names a limit that does not exist.
    """
    return _changed(RATE_LIMITS, defaults)


def signals(defaults: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """`defaults` with the changes of SIGNALS.

    Raises:
        ImproperlyConfigured: SIGNALS is unreadable, or names a kind that does not exist.
    """
    return _changed(SIGNALS, defaults)


def _changed(
    variable: Variable[dict[str, tuple[int, int]]], defaults: dict[str, tuple[int, int]]
) -> dict[str, tuple[int, int]]:
    try:
        return limit_lists.merged(variable.read(), defaults, variable.name)
    except ValueError as error:
        raise ImproperlyConfigured(str(error)) from None


def alerts() -> tuple[str, str, list[str]]:
    """The receiver of webhooks, the key of their signatures, and the addresses of mail.

    Raises:
        ImproperlyConfigured: a value is bad, or something is missing that another one needs.
    """
    address, secret, mail = ALERT_WEBHOOK.read(), ALERT_WEBHOOK_SECRET.read(), ALERT_MAIL.read()
    if address and len(secret) < SECRET_LEAST:
        raise ImproperlyConfigured(
            f"ALERT_WEBHOOK needs ALERT_WEBHOOK_SECRET, with at least {SECRET_LEAST} characters: "
            "make one with `openssl rand -base64 48`, and give it to the receiver, too."
        )
    if mail and not SMTP_URL.read():
        raise ImproperlyConfigured("ALERT_MAIL needs a mail server: set SMTP_URL.")
    return address, secret, mail


def event_webhook() -> tuple[str, str, list[str]]:
    """The receiver of events, the key of its signatures, and the rooms that it is told of.

    Raises:
        ImproperlyConfigured: a value is bad, or the key is missing.
    """
    address, secret = EVENT_WEBHOOK.read(), EVENT_WEBHOOK_SECRET.read()
    if address and len(secret) < SECRET_LEAST:
        raise ImproperlyConfigured(
            f"EVENT_WEBHOOK needs EVENT_WEBHOOK_SECRET, with at least {SECRET_LEAST} characters: "
            "make one with `openssl rand -base64 48`, and give it to the receiver, too."
        )
    return address, secret, EVENT_WEBHOOK_ROOMS.read()


def database_pool() -> dict[str, Any]:
    """The options of psycopg's pool.

    Raises:
        ImproperlyConfigured: a value is bad, or the pool would have to be larger than it may be.
    """
    least, most = DATABASE_POOL_MIN.read(), DATABASE_POOL_MAX.read()
    timeout = DATABASE_POOL_TIMEOUT.read()
    if least > most:
        raise ImproperlyConfigured("DATABASE_POOL_MIN is more than DATABASE_POOL_MAX: lower it.")
    # A lost connection is given up as soon as a request would be: the next one tries anew,
    # and finds a server that has come back, whatever the pool's own waits have grown to.
    return {
        "min_size": least,
        "max_size": most,
        "timeout": timeout,
        "reconnect_timeout": timeout,
        "name": "sotto",
    }


def readme() -> str:
    """The rows of the README's table."""
    rows = [f"| `{one.name}` | {one.shown} | {one.about} |" for one in TABLE.values()]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


if __name__ == "__main__":
    print(readme())  # noqa: T201
