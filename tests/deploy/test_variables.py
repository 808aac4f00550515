"""Variables: a bad value ends the start with one line and exit code 78, whichever process it is."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatsite import env, variable_names, variables
from tests.deploy.starting import CONFIG, KEY, refused

SERVE = ("manage.py", "serve")
WORKER = ("-m", "celery", "--app=chatsite", "worker")
BEAT = ("-m", "celery", "--app=chatsite", "beat")

BAD = {
    "PUBLIC_URL": ["chat.example.org", "ftp://x", "https://", "https://h:port", "https://h/chat"],
    "HOST": ["a b", "https://h", "ä" * 80],
    "PORT": ["abc", "0", "65536", "-1", "80.5", "8000;", "٨", "1_", "9" * 5000],
    "ALLOWED_HOSTS": ["https://chat.example.org", "chat.example.org:443", "a b"],
    "CORS_ALLOWED_ORIGINS": ["*", "app.example.org", "https://a.example.org/app", "ftp://x",
                             "null", "https://a https://b/c", "https://u:p@h"],
    "SECOND_FACTOR": ["maybe", "all"],
    "OIDC_ISSUER": ["id.example.org", "http://id.example.org", "ftp://x", "javascript:alert(1)"],
    "OIDC_RECHECK": ["-1", "soon"],
    "SMTP_URL": ["mail.example.org", "http://u:hunter2@h", "smtp://", "smtp://h:port"],
    "MAIL_FROM": ["chat", "@", "Chat"],
    "TERMS_URL": ["terms.html", "javascript:alert(1)", "ftp://x"],
    "TRUSTED_PROXIES": ["proxy", "10.0.0.1/8", "10.0.0.0/33", "1.2.3.4 5.6.7.8"],
    "DATABASE_URL": ["nonsense", "mysql://u:hunter2@h/x", "postgres://u:hunter2@h:port/x",
                     "postgres://u:hunter2@h", "sqlite://:memory:"],
    "DATABASE_POOL_MIN": ["-1", "few", "1001"],
    "DATABASE_POOL_MAX": ["0", "many", "2.5"],
    "DATABASE_POOL_TIMEOUT": ["0", "soon", "inf", "301"],
    "MONGODB_URL": ["localhost:27017", "http://u:hunter2@h"],
    "MONGODB_DATABASE": ["a.b", "a b", "x" * 64, "a/b"],
    "REDIS_PREFIX": ["a b", "*", "x" * 65],
    "REDIS_URL": ["localhost:6379", "http://:hunter2@h"],
    "RATE_LIMITS": ["login", "login=10", "login=10/0", "login=0/10", "login=a/b", "login=1/2/3",
                    "login=-1/60", "login=10/60;messages=1/1"],
    "FILE_MOST": ["64XB", "-1", "1.5MB", "many", "0", "9" * 5000, "2000TB"],
    "STORAGE_PER_PERSON": ["2 giga", "-1"],
    "DISK_FLOOR": ["2 giga", "-1"],
    "ROOMS_PER_PERSON": ["0", "many"],
    "DEVICES_PER_ROOM": ["0", "many"],
    "AUDIT_DAYS": ["-1", "a year", "1.5"],
    "SIGNALS": ["enumeration", "enumeration=5", "enumeration=0/10", "enumeration=5/0"],
    "ALERT_MAIL": ["ops", "a@example.org, b", "@"],
    "ALERT_WEBHOOK": ["hook.example.org", "ftp://x", "https://u:hunter2@hook.example.org/",
                      "https://h:port/"],
    "EVENT_WEBHOOK": ["hook.example.org", "ftp://x", "https://u:hunter2@hook.example.org/"],
    "EVENT_WEBHOOK_ROOMS": ["all", "a" * 31, "A" * 32],
    "WEBHOOK_CA": ["/nowhere/ca.pem", "/"],
    "ALERT_NETWORKS": ["*", "10.0.0.1/8", "office", "10.0.0.0/8, *"],
    "SUMMARY_MOST_MESSAGES": ["0", "lots"],
    "SUMMARY_TOKENS_PER_DAY": ["-1", "1e6"],
    "SUMMARY_COST_PER_DAY": ["nan", "inf", "-1", "2,50"],
    "SUMMARY_PART": ["10", "x"],
    "OPENAI_BASE_URL": ["model.example.org", "unix:///x"],
    "OPENAI_PRICES": ["cheap", "1/2/3", "-1/2", "nan/1", "1/"],
    "OPENAI_TIMEOUT": ["0", "soon", "inf"],
    "LOG_LEVEL": ["LOUD", "7"],
    "LOG_FORMAT": ["xml"],
    "SENTRY_DSN": ["sentry.example.org", "https://hunter2@/1"],
    **{
        name: ["many", "-1", "1.5.2", "nan"]
        for name in (
            "BODY_RATE",
            "BODY_WINDOW",
            "CONNECTIONS_AT_ONCE",
            "CONNECTIONS_PER_ADDRESS",
            "HEADERS_WITHIN",
            "PASSWORD_HASHES_AT_ONCE",
            "REQUESTS_AT_ONCE",
            "SOCKETS_PER_ADDRESS",
            "SOCKETS_PER_PERSON",
            "UPLOADS_AT_ONCE",
            "UPLOADS_PER_PERSON",
        )
    },
    "REGISTRATION": ["maybe", "1"],
    "BOTS": ["maybe", "1"],
    "DEBUG": ["maybe", "2"],
    "SOCKET_COMPRESSION": ["maybe", "2"],
}  # fmt: skip
ANYTHING = {  # text that nobody can judge before it is used
    "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME", "OIDC_SCOPE", "OIDC_SIGN_UP_GROUP",
    "SECOND_FACTOR_KEY", "SECRET_KEY", "SECRET_KEY_FALLBACKS", "SITE_KEY", "SOTTO_DATA",
    "SUMMARY_KEY", "OPENAI_API_KEY", "ALERT_WEBHOOK_SECRET",
    "EVENT_WEBHOOK_SECRET",
    "OPENAI_MODEL", "METRICS_TOKEN", "ALIVE_FILE", "CONTACT",
}  # fmt: skip


def test_every_variable_has_bad_values_here_or_takes_any_text():
    assert set(variables.TABLE) == set(BAD) | ANYTHING


@pytest.mark.parametrize(("name", "value"), [(name, one) for name in BAD for one in BAD[name]])
def test_fault_a_bad_value_is_one_line(monkeypatch, tmp_path, name, value):
    """Given itself, or in a file: it names the variable, and quotes no secret."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as plain:
        variables.TABLE[name].read()
    (tmp_path / "value").write_text(f"{value}\n")
    monkeypatch.delenv(name)
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "value"))
    with pytest.raises(ImproperlyConfigured) as filed:
        variables.TABLE[name].read()
    line = str(plain.value)
    assert line == str(filed.value)
    assert line.startswith(name)
    assert "\n" not in line
    assert "hunter2" not in line
    assert len(line) < 300


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("FILE_MOST", "64MB", 64_000_000),
        ("FILE_MOST", "64 MiB", 64 * 1024**2),
        ("FILE_MOST", "1024", 1024),
        ("DEBUG", "Off", False),
        ("DEBUG", "TRUE", True),
        ("PORT", " 8080 ", 8080),
        ("PUBLIC_URL", "https://chat.example.org/", "https://chat.example.org"),
        ("RATE_LIMITS", "login=10/600, messages=240/60",
         {"login": (10, 600), "messages": (240, 60)}),
        ("OPENAI_PRICES", "0.5", (0.5, 0.5)),
        ("TRUSTED_PROXIES", "10.0.0.0/24, ::1", "10.0.0.0/24,::1"),
        ("SECRET_KEY_FALLBACKS", "a,b", ["a", "b"]),
        ("METRICS_TOKEN", "$HOME", "$HOME"),
        *((name, "", one.default) for name, one in variables.TABLE.items()),
    ],
)  # fmt: skip
def test_a_good_value_has_its_type(monkeypatch, name, value, expected):
    monkeypatch.setenv(name, value)
    assert variables.TABLE[name].read() == expected


def test_a_file_without_text_is_named(monkeypatch, tmp_path):
    for path in (tmp_path, tmp_path / "nowhere", tmp_path / "bytes"):
        (tmp_path / "bytes").write_bytes(b"\xff\xfe")
        monkeypatch.setenv("SECRET_KEY_FILE", str(path))
        with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FILE names"):
            env.given("SECRET_KEY")


@pytest.mark.parametrize(
    ("command", "given"),
    [
        (SERVE, {"PORT": "abc"}),
        (WORKER, {"FILE_MOST": "many"}),
        *(
            pytest.param(command, given, marks=pytest.mark.slow)
            for command, given in [
                (SERVE, {"OPENAI_PRICES": "cheap"}),
                (SERVE, {"RATE_LIMITS": "logins=10/600"}),
                (SERVE, {"SOTTO_DATA": "/dev/null/data"}),
                (("manage.py", "migrate"), {"DATABASE_URL": "nonsense"}),
                (BEAT, {"LOG_LEVEL": "LOUD"}),
                (
                    WORKER,
                    {"OPENAI_TIMEOUT": "soon", "REDIS_URL": "redis://nobody", "SECRET_KEY": KEY},
                ),
                (("-c", "import chatsite.asgi"), {"DEBUG": "maybe"}),
            ]
        ),
    ],
)
def test_fault_a_process_with_a_bad_value_ends_with_one_line_and_78(tmp_path, command, given):
    ended = refused(tmp_path / "data", *command, **given)
    assert ended.code == CONFIG
    assert next(iter(given)) in ended.sentence


def test_fault_a_data_folder_that_is_closed_is_named(tmp_path):
    (tmp_path / "secrets").write_text("a file where a folder belongs")
    ended = refused(tmp_path, "manage.py", "check")
    assert ended.code == CONFIG
    assert "set SECRET_KEY" in ended.sentence


def test_names_that_are_nearly_right_get_a_line():
    names = ["DATABSE_URL", "SOTTO_DTA", "RATE_LIMIT", "MONGO_URL", "SECRET_KEYFILE",
             "SUMMARY_TOKENS", "SECRT_KEY_FILE"]  # fmt: skip
    lines = variable_names.unknown(dict.fromkeys(names, "hunter2"))
    assert [line.split()[0] for line in lines] == sorted(names)
    assert "is it DATABASE_URL?" in lines[0]
    assert not any("hunter2" in line for line in lines)


def test_names_of_others_get_no_line():
    others = ["PATH", "HOME", "HOSTNAME", "HTTPS_PROXY", "DJANGO_SETTINGS_MODULE", "REDIS_TEST_URL",
              "PG_TEST_URL", "MONGO_TEST_URL", "SSL_CERT_FILE", "LOGNAME", "OPENAI_ORG_ID",
              "SOTTO_CHROMIUM", "SECRET_KEY_FILE"]  # fmt: skip
    assert variable_names.unknown(dict.fromkeys([*others, *variables.TABLE], "x")) == []


def test_a_start_says_what_it_ignores(tmp_path):
    ended = refused(tmp_path, DATABSE_URL="postgres://db/sotto", SECRET_KEY="short")
    assert ended.code == CONFIG
    assert ended.lines[0] == (
        "DATABSE_URL is not a variable of Sotto and is ignored: is it DATABASE_URL?"
    )


def test_a_name_of_an_earlier_release_is_refused_with_that_of_today():
    variable_names.refuse_renamed({"STORAGE_PER_PERSON": "1GiB"})
    for old in ("FILES_PER_PERSON", "FILES_PER_PERSON_FILE"):
        with pytest.raises(ImproperlyConfigured, match="is now STORAGE_PER_PERSON"):
            variable_names.refuse_renamed({old: "1GiB"})
