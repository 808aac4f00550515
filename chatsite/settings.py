"""One settings file, driven by the environment, with embedded defaults for everything.

`chatsite/variables.py` declares the variables, the README lists them.
"""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from ssl import CERT_REQUIRED
from urllib.parse import urlsplit

from django.contrib import messages
from kombu.entity import Queue

from accounts.intrusion.kinds import THRESHOLDS
from chatsite import engines, rate_limits, variable_names, variables
from chatsite.env import made_folder, made_secret, tree_hash
from chatsite.ops import sentry
from chatsite.ops.logs import configuration
from chatsite.web import content_policies

variable_names.refuse_renamed()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = made_folder(Path(variables.SOTTO_DATA.read()).resolve())

DEBUG = variables.DEBUG.read()
DEMO_DIR = DATA_DIR / "demo"  # what makes the demo account, in development only
SECRET_KEY_GIVEN = bool(variables.SECRET_KEY.read())  # else made, for this machine alone
SECRET_KEY = made_secret(variables.SECRET_KEY.read(), "SECRET_KEY", DATA_DIR / "secrets")
# What was signed by these still counts: the way from one key to another (docs/operations.md).
SECRET_KEY_FALLBACKS = variables.SECRET_KEY_FALLBACKS.read()

# --- where people find this site -------------------------------------------------------------

HOST = variables.HOST.read()
PORT = variables.PORT.read()
PUBLIC_URL = variables.PUBLIC_URL.read() or f"http://localhost:{PORT}"
_public = urlsplit(PUBLIC_URL)
HTTPS = _public.scheme == "https"
_hosts = [_public.hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = variables.ALLOWED_HOSTS.read() or _hosts
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "chatsite.web.error_views.csrf_refused"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SECURE_SSL_REDIRECT = HTTPS
# Whose word counts about who asks: addresses and networks of proxies, separated by commas.
TRUSTED_PROXIES = variables.TRUSTED_PROXIES.read()
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
# Pages of these may use the API with a bearer token. Never with this site's cookies.
CORS_ALLOWED_ORIGINS = variables.CORS_ALLOWED_ORIGINS.read()
CORS_ALLOW_CREDENTIALS = False
CORS_URLS_REGEX = r"\A/(api/|auth/|chatrooms(/|\Z))"  # as chatsite.web.api_paths
CORS_ALLOW_HEADERS = ["accept", "authorization", "content-type", "if-none-match"]
CORS_EXPOSE_HEADERS = ["ETag", "RateLimit-Policy", "Retry-After", "X-Request-ID"]
SECURE_REFERRER_POLICY = "same-origin"  # with no-referrer, forms post with Origin: null
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- applications ----------------------------------------------------------------------------

INSTALLED_APPS = [
    "chatsite",  # first: its `runserver` comes before that of staticfiles
    "chatsite.admin_config.SiteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "corsheaders",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "accounts",
    "rooms",
    "messaging",
    "summaries",
]

MIDDLEWARE = [
    "chatsite.web.probes.AnswerProbes",
    "chatsite.ops.observability.Observed",
    "chatsite.web.middleware.GivesConnectionBack",
    "chatsite.web.middleware.CanonicalHost",
    "django.middleware.security.SecurityMiddleware",
    "chatsite.web.middleware.CrossOriginIsolation",
    "chatsite.web.middleware.ContentPolicy",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "chatsite.web.cache_headers.PrivateByDefault",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.SignedIn",
    "chatsite.web.intrusion.IntrusionDetection",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "chatsite.web.middleware.Refusals",
]

ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_template_loaders = [
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            # A changed template shows without a restart in development.
            "loaders": _template_loaders
            if DEBUG
            else [("django.template.loaders.cached.Loader", _template_loaders)],
            "builtins": ["chatsite.templatetags.modules"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
MESSAGE_LEVEL = messages.WARNING  # allauth's "signed in as" greetings are noise here

# --- storage ---------------------------------------------------------------------------------

DATABASES = engines.databases(DATA_DIR)
MONGODB_URL = variables.MONGODB_URL.read()
MESSAGE_STORE, SUMMARY_STORE = engines.stores(MONGODB_URL)
REDIS_URL = variables.REDIS_URL.read()
REDIS_PREFIX = variables.REDIS_PREFIX.read()
CHANNEL_LAYERS = engines.channel_layers(REDIS_URL, REDIS_PREFIX)
CACHES = engines.caches(REDIS_URL, REDIS_PREFIX)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "files": {
        "BACKEND": "messaging.files.storage.SealedFiles",
        "OPTIONS": {"location": DATA_DIR / "files"},
    },
}
FILE_MOST = variables.FILE_MOST.read()  # bytes, sealed
REQUESTS_AT_ONCE = variables.REQUESTS_AT_ONCE.read()  # in one process
UPLOADS_PER_PERSON = variables.UPLOADS_PER_PERSON.read()  # under way, in one process
UPLOADS_AT_ONCE = variables.UPLOADS_AT_ONCE.read()
STORAGE_PER_PERSON = variables.STORAGE_PER_PERSON.read()  # bytes, in all rooms
DISK_FLOOR = variables.DISK_FLOOR.read()  # bytes that stay free; 0: no floor
ROOMS_PER_PERSON = variables.ROOMS_PER_PERSON.read()  # open rooms of one owner
AUDIT_DAYS = variables.AUDIT_DAYS.read()  # 0: for as long as the site lasts
DEVICES_PER_ROOM = variables.DEVICES_PER_ROOM.read()  # chains of one person's messages in one
RATELIMIT_USE_CACHE = "limits"
SESSION_CACHE_ALIAS = "sessions"
SESSION_ENGINE = (
    "chatsite.web.session_store" if REDIS_URL else "django.contrib.sessions.backends.db"
)

# --- work outside requests -------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
if REDIS_URL.startswith("rediss:") and "ssl_cert_reqs=" not in REDIS_URL:
    CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": CERT_REQUIRED}  # else Celery asks for none
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        # What a worker took and never acknowledged comes back: longer than any task may take.
        "visibility_timeout": 900,
        "global_keyprefix": f"{REDIS_PREFIX}sotto:",
        # A Redis that is silent holds up no request: one try, which ends. A worker waits for its
        # next task a second at a time, which is less.
        "socket_connect_timeout": 2,
        "socket_timeout": 3,
        "max_retries": 0,
    }
    if REDIS_URL
    else {"polling_interval": 0.05}
)
# Queues of their own, so that a slow summary holds up nothing else (docs/operations.md).
CELERY_TASK_DEFAULT_QUEUE = "chores"
CELERY_TASK_ROUTES = {"index.*": {"queue": "index"}, "summaries.*": {"queue": "summaries"}}
# A worker without --queues takes from all. The last one holds what an earlier version sent.
CELERY_TASK_QUEUES = [Queue(name) for name in ("chores", "index", "summaries", "work")]
CELERY_TASK_ACKS_LATE = True  # a worker that is killed has not done it
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True  # results are sealed rows; a broker holds none
CELERY_TASK_SOFT_TIME_LIMIT = 600  # seconds
CELERY_TASK_TIME_LIMIT = 660
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BEAT_SCHEDULE = {
    "tidy": {"task": "tidy", "schedule": 3600.0},
    "sso": {"task": "sso", "schedule": 60.0, "options": {"expires": 60.0}},
    # Dropped if no worker is free at once: web processes seal, too.
    "seal": {"task": "seal", "schedule": 1.0, "options": {"expires": 1.0}},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat")
CELERY_TIMEZONE = "UTC"

# --- summaries: what the worker reads it reads where it works (summaries/worker/config.py) ---

SUMMARY_MOST_MESSAGES = variables.SUMMARY_MOST_MESSAGES.read()
SUMMARY_MOST_BYTES = 1024 * 1024  # of a sealed request
SUMMARY_TOKENS_PER_DAY = variables.SUMMARY_TOKENS_PER_DAY.read()  # a room; 0: no end
SUMMARY_COST_PER_DAY = variables.SUMMARY_COST_PER_DAY.read()  # a room; 0: no end

# --- accounts --------------------------------------------------------------------------------

# On a public address strangers find the site before its people do. Hosts that a proxy passes on are
# public, wherever this process listens.
_local = {_public.hostname, HOST, *ALLOWED_HOSTS} <= {"localhost", "127.0.0.1", "::1", "[::1]"}
REGISTRATION = variables.REGISTRATION.read() or ("open" if _local else "invited")
BOTS = variables.BOTS.read()
SECOND_FACTOR = variables.SECOND_FACTOR.read() or ("optional" if _local else "roles")
SECOND_FACTOR_KEY = made_secret(
    variables.SECOND_FACTOR_KEY.read(), "SECOND_FACTOR_KEY", DATA_DIR / "secrets"
)
MFA_ADAPTER = "accounts.factor.secrets.Adapter"
MFA_TOTP_ISSUER = f"Sotto {_public.hostname}"
MFA_TOTP_TOLERANCE = 1  # steps of 30 s: clocks differ. A code counts once (accounts/factor/)
OIDC_ISSUER = variables.OIDC_ISSUER.read()
OIDC_CLIENT_ID = variables.OIDC_CLIENT_ID.read()
OIDC_CLIENT_SECRET = variables.OIDC_CLIENT_SECRET.read()
OIDC_NAME = variables.OIDC_NAME.read() or "single sign-on"
OIDC_SCOPE = variables.OIDC_SCOPE.read()
OIDC_RECHECK = variables.OIDC_RECHECK.read()  # minutes; 0: never
OIDC_SIGN_UP_GROUP = variables.OIDC_SIGN_UP_GROUP.read()
# Mail: only links to new passwords and notices, to people who have an address (accounts/mail.py).
SMTP_URL = variables.SMTP_URL.read()
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if SMTP_URL else 'dummy'}.EmailBackend"
EMAIL_HOST = SMTP_URL.get("EMAIL_HOST", "localhost")
EMAIL_PORT = SMTP_URL.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = SMTP_URL.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = SMTP_URL.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = SMTP_URL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = SMTP_URL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = variables.MAIL_FROM.read() or f"sotto@{_public.hostname}"
SERVER_EMAIL = DEFAULT_FROM_EMAIL
TERMS_URL = variables.TERMS_URL.read()
CONTACT = variables.CONTACT.read()
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "accounts.roles.RoleBackend",
]
PASSWORD_HASHERS = ["accounts.hashers.QueuedArgon2", "accounts.hashers.QueuedPBKDF2"]
PASSWORD_HASHES_AT_ONCE = variables.PASSWORD_HASHES_AT_ONCE.read()  # 64 MiB each
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("name",)}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
     "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]  # fmt: skip
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "rooms"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "name"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_USERNAME_MIN_LENGTH = 3
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = False  # its own lock a name out for everybody; see accounts/limits.py
ACCOUNT_SIGNUP_REDIRECT_URL = "keys"

# --- API -------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "accounts.authentication.BrowserAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["chatsite.lib.rest.parsers.StrictJSONParser"],
    "EXCEPTION_HANDLER": "accounts.intrusion.refusals.counting_handler",
    "DEFAULT_SCHEMA_CLASS": "chatsite.lib.rest.schema.ApiSchema",
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "SIGNING_KEY": sha256(b"sotto/jwt|" + SECRET_KEY.encode()).hexdigest(),
    "AUTH_TOKEN_CLASSES": ["accounts.sign_in.tokens.AccessToken"],
    "USER_ID_FIELD": "id",
    "USER_ID_CLAIM": "sub",
}
JWT_FALLBACKS = [sha256(b"sotto/jwt|" + key.encode()).hexdigest() for key in SECRET_KEY_FALLBACKS]
REFRESH_TOKEN_LIFETIME = timedelta(days=30)
SPECTACULAR_SETTINGS = {
    "TITLE": "Sotto",
    "DESCRIPTION": "Accounts, rooms, the signed log and encrypted messages. See docs/protocol.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "PREPROCESSING_HOOKS": ["chatsite.api.document.only_versioned"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
HEADERS_WITHIN = variables.HEADERS_WITHIN.read()  # seconds
ANSWERS_READ_WITHIN = 60.0  # seconds for some of an answer to be read
CONNECTIONS_PER_ADDRESS = variables.CONNECTIONS_PER_ADDRESS.read()  # not of proxies
CONNECTIONS_AT_ONCE = variables.CONNECTIONS_AT_ONCE.read()  # 0: what descriptors allow
SOCKETS_PER_ADDRESS = variables.SOCKETS_PER_ADDRESS.read()
SOCKETS_PER_PERSON = variables.SOCKETS_PER_PERSON.read()  # in one process
SOCKET_COMPRESSION = variables.SOCKET_COMPRESSION.read()
# The least that a request's body may bring: bytes a second, over so many seconds.
BODY_RATE = variables.BODY_RATE.read()
BODY_WINDOW = variables.BODY_WINDOW.read()

# --- limits ----------------------------------------------------------------------------------

RATE_LIMITS = variables.rate_limits(rate_limits.DEFAULTS)
STRICT_LIMITS = rate_limits.STRICT

# --- signals of intrusion (accounts/intrusion) ------------------------------------------------

SIGNALS = variables.signals(THRESHOLDS)
ALERT_WEBHOOK, ALERT_WEBHOOK_SECRET, ALERT_MAIL = variables.alerts()
ALERT_NETWORKS = variables.ALERT_NETWORKS.read()
WEBHOOK_CA = variables.WEBHOOK_CA.read()
EVENT_WEBHOOK, EVENT_WEBHOOK_SECRET, EVENT_WEBHOOK_ROOMS = variables.event_webhook()

# --- pages -----------------------------------------------------------------------------------

# English alone until another language is complete: half a translation mixes languages on a page.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "chatsite.formats"
USE_TZ = True
STATIC_SOURCES = BASE_DIR / "static"
STATICFILES_DIRS = [STATIC_SOURCES]
STATIC_TWINS = BASE_DIR / ".cache" / "static"  # compressed, by deploy/compress.py
# Of what browsers run: scripts and styles, and the pages that load them.
BUILD = tree_hash(STATIC_SOURCES, BASE_DIR / "templates") if not DEBUG else "dev"
STATIC_URL = f"/static/{BUILD}/"

CONTENT_SECURITY_POLICY = {"DIRECTIVES": content_policies.PAGES}
ADMIN_CONTENT_SECURITY_POLICY = content_policies.ADMIN
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "microphone", "geolocation", "payment", "usb", "serial", "midi")
} | {f"publickey-credentials-{name}": ["self"] for name in ("create", "get")}

# Touched every half minute while the database and Redis are there: for healthchecks.
ALIVE_FILE = variables.ALIVE_FILE.read()

# --- metrics and errors, for operators ---------------------------------------------------------

METRICS_TOKEN = variables.METRICS_TOKEN.read()  # without one there is no /metrics
if _dsn := variables.SENTRY_DSN.read():
    sentry.start(_dsn)

# --- logs: never a body, a key or a token ----------------------------------------------------

LOGGING = configuration(
    level=variables.LOG_LEVEL.read(), json=variables.LOG_FORMAT.read() == "json"
)
