"""compose.yaml, the Dockerfile and their kin name only what there is, and hide what is to be."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from chatsite import variables
from chatsite.celery import app
from chatsite.ops.server import site_config
from sotto.api import CONNECTIONS
from tests.live import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
RENDER: dict[str, Any] = yaml.safe_load((ROOT / "render.yaml").read_text())
RAILWAY: dict[str, Any] = json.loads((ROOT / "railway.json").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SITE = {name: s for name, s in SERVICES.items() if s.get("image") == "sotto:local"}
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
OF_COMPOSE = {"SITE", "PROXY_NETWORK", "BODY_MOST"}
"""What .env says to compose.yaml, not to the site."""


def read_by_settings() -> set[str]:
    """The variables that the site and its worker read."""
    return set(variables.TABLE)


def without_file(names: set[str]) -> set[str]:
    read = read_by_settings()
    return {name if name in read else name.removesuffix("_FILE") for name in names}


def dockerignored(path: str) -> bool:
    """Docker's rule: the last pattern that matches decides."""
    ignored = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.strip().lstrip("!")
        parents = [path, *map(str, Path(path).parents)]
        hits = any(fnmatch(one, pattern.removeprefix("**/")) for one in parents if one != ".")
        if pattern and not line.startswith("#") and hits:
            ignored = not line.startswith("!")
    return ignored


# --- variables -----------------------------------------------------------------------------------


def test_the_example_holds_every_variable_and_no_other():
    named = set(re.findall(r"^#?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    assert named - OF_COMPOSE == read_by_settings()
    assert named >= OF_COMPOSE


def test_the_readme_holds_the_table_of_variables():
    """`python -m chatsite.variables` prints it."""
    assert f"\n{variables.readme()}\n" in (ROOT / "README.md").read_text()


def test_the_example_holds_the_defaults():
    """Where it shows a value for a variable that is not set there, the value is the default."""
    text = (ROOT / ".env.example").read_text()
    shown = dict(re.findall(r"^#([A-Z][A-Z_]+)=(.+)$", text, re.M))
    for name, value in shown.items():
        if name in {"BODY_MOST", "PROXY_NETWORK", "RATE_LIMITS", "SIGNALS", "SOTTO_DATA"}:
            continue  # compose.yaml's own; examples; a folder beside the code
        variable = variables.TABLE[name]
        assert variable.parse(value) == variable.default, name


def test_every_variable_is_read_through_the_table():
    """A module that asks the environment itself would escape types, bounds and the README."""
    write = r'(?!"\w+"\] = )'  # of what a process that is started reads
    asked = re.compile(rf"os\.(environ(\.get\(|\[{write})|getenv)|\benviron\.Env\(")
    for path in [*(ROOT / "chatsite").rglob("*.py"), *(ROOT / "summaries").rglob("*.py"),
                 *(ROOT / "messaging").rglob("*.py"), *(ROOT / "accounts").rglob("*.py"),
                 *(ROOT / "rooms").rglob("*.py")]:  # fmt: skip
        assert not asked.search(path.read_text()), path


def test_variables_that_are_set_are_read():
    for name, service in SITE.items():
        assert without_file(set(service["environment"])) <= read_by_settings(), name
    for service in RENDER["services"]:
        assert {one["key"] for one in service.get("envVars", [])} <= read_by_settings()
    given = set(re.findall(r"\b([A-Z_]+)=", DOCKERFILE)) - {"PATH", "DJANGO_SETTINGS_MODULE"}
    ours = {name for name in given if not name.startswith(("PIP_", "PYTHON"))}
    assert ours <= read_by_settings()


def test_web_processes_have_none_of_the_worker_s_secrets():
    """Else the server could read what members seal for the worker."""
    for name, service in SITE.items():
        of_worker = {"summary_key", "openai_api_key"} & set(service["secrets"])
        assert bool(of_worker) == (name == "worker"), name


def test_the_proxy_is_given_what_its_file_asks_for():
    text = (ROOT / "deploy" / "Caddyfile").read_text()
    needed = set(re.findall(r"\{\$([A-Z_]+)\}", text)) - {"TLS_FILES"}
    with_default = set(re.findall(r"\{\$([A-Z_]+):[^}]*\}", text))
    given = set(SERVICES["proxy"]["environment"])
    assert needed | {"BODY_MOST"} <= given <= needed | with_default


def test_the_proxy_compresses_pages_and_answers_and_nothing_sealed():
    """Static files come compressed; what people attach gets no smaller."""
    text = (ROOT / "deploy" / "Caddyfile").read_text()
    (encode,) = re.findall(r"^\tencode \{\n(.*?)^\t\}", text, re.M | re.S)
    kinds = re.findall(r"header Content-Type (\S+)\*", encode)
    assert kinds == ["text/html", "application/json", "application/manifest+json"]
    assert {"zstd", "gzip"} <= set(encode.split())


# --- paths and commands --------------------------------------------------------------------------


def test_the_schema_of_compose_holds():
    command = [sys.executable, "-m", "check_jsonschema"]
    command += ["--builtin-schema", "vendor.compose-spec", "compose.yaml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def copied() -> list[str]:
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.M)
    return [source for line in lines for source in line.split()[:-1]]


def test_what_the_image_copies_is_there_and_not_ignored():
    assert len(copied()) > 8
    for source in copied():
        assert (ROOT / source).exists(), source
        assert not dockerignored(source), source


def test_the_image_holds_every_app():
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert apps | {"chatsite", "manage.py", "static", "templates"} <= set(copied())


@pytest.mark.parametrize(
    "path",
    ["data", "data/secrets/secret_key", ".env", "deploy/secrets/secret_key", "tests", ".git"],
)
def test_no_secret_and_no_data_reaches_an_image(path):
    assert dockerignored(path)


def commands() -> list[list[str]]:
    """Every command that is given for the site's own image."""
    found = [service["command"] for service in SITE.values()]
    found += [service["healthcheck"]["test"][1:] for service in SITE.values()]
    site = DOCKERFILE[DOCKERFILE.rindex("FROM ") :]
    found += [json.loads(line) for line in re.findall(r"CMD (\[.+\])", site)]
    found += [shlex.split(s["dockerCommand"]) for s in RENDER["services"] if "dockerCommand" in s]
    return [*found, shlex.split(RAILWAY["deploy"]["startCommand"])]


def test_commands_are_there():
    assert len(commands()) >= 10
    for program, *arguments in commands():
        if program == "celery":
            assert arguments[0] == "--app=chatsite"
            assert arguments[1] in {"worker", "beat"}
            assert app.main == "chatsite"
            continue
        assert program == "python", "a program of the image"
        assert (ROOT / arguments[0]).is_file()
        assert arguments[0] in copied()
        if arguments[0] == "manage.py":
            assert arguments[1] in get_commands()


def test_there_is_one_beat():
    """Two would send every chore twice."""
    found = [name for name, service in SITE.items() if "beat" in service["command"]]
    assert found == ["beat"]


def test_health_is_asked_where_there_is_an_answer(client, db):
    asked = {RAILWAY["deploy"]["healthcheckPath"]}
    asked |= {s["healthCheckPath"] for s in RENDER["services"] if "healthCheckPath" in s}
    asked |= set(re.findall(r"health_uri (\S+)", (ROOT / "deploy" / "Caddyfile").read_text()))
    assert asked == {"/healthz"}, "an engine that is unreachable is no reason to take a process out"
    assert client.get("/healthz").status_code == 200


def test_mounted_files_are_there():
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            source, target, *_ = volume.split(":")
            if source.startswith("."):
                assert (ROOT / source).is_file(), name
            else:
                assert source in COMPOSE["volumes"], name
            assert target.startswith("/")
    used = {v.split(":")[0] for s in SERVICES.values() for v in s.get("volumes", [])}
    assert set(COMPOSE["volumes"]) <= used


# --- what is hidden, and what is allowed ---------------------------------------------------------


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_little(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert str(service["user"]).split(":")[0] not in ("root", "0")
    limits = service["deploy"]["resources"]["limits"]
    assert limits.keys() == {"cpus", "memory", "pids"}
    assert "healthcheck" in service or service["restart"] == "no"
    assert not service.get("privileged")


def test_only_the_proxy_is_reached_from_outside():
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    assert COMPOSE["networks"]["back"]["internal"] is True
    for name in ("postgres", "redis", "mongo-1", "mongo-2", "mongo-3", "mongo-init"):
        assert SERVICES[name]["networks"] == ["back"]


def test_images_are_pinned_by_version():
    images = [s["image"] for s in SERVICES.values() if "build" not in s]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)
    for image in images:
        version = r"[a-z/]+:\d+\.\d+[.\d]*(-[a-z]+)*(@sha256:[0-9a-f]{64})?"
        assert re.fullmatch(version, image), image
    assert "--require-hashes --only-binary :all:" in DOCKERFILE


def test_the_image_runs_as_nobody_in_particular():
    last = re.findall(r"^USER (\S+)", DOCKERFILE, re.M)
    assert last == ["10001:10001", "10001:10001"]


def test_secrets_are_files_and_are_made(tmp_path):
    """The script makes each of them once, and what belongs together fits."""
    shutil.copy(ROOT / "deploy" / "make-secrets.sh", tmp_path)
    subprocess.run(["sh", "make-secrets.sh"], cwd=tmp_path, check=True, capture_output=True)
    folder = tmp_path / "secrets"
    made = {path.name: path.read_text().strip() for path in folder.iterdir()}
    assert folder.stat().st_mode & 0o777 == 0o700
    declared = {name: Path(one["file"]).name for name, one in COMPOSE["secrets"].items()}
    assert set(declared.values()) == set(made)
    for name, service in SERVICES.items():
        given = set(service.get("secrets", []))
        assert given <= set(declared), name
        for value in service.get("environment", {}).values():
            if str(value).startswith("/run/secrets/"):
                assert Path(value).name in given, name
    assert made["postgres_password"] in made["database_url"]
    assert made["redis_password"] in made["redis_url"]
    assert len(made["secret_key"]) >= 32
    subprocess.run(["sh", "make-secrets.sh"], cwd=tmp_path, check=True, capture_output=True)
    assert made == {path.name: path.read_text().strip() for path in folder.iterdir()}


def test_secrets_stay_out_of_git():
    assert {"/deploy/secrets/", ".env"} <= set((ROOT / ".gitignore").read_text().splitlines())


# --- connections ---------------------------------------------------------------------------------


def test_fault_who_asks_lets_go_of_idle_connections_before_the_site_does():
    """Otherwise a request is now and then on its way to a connection that has just been closed."""
    (proxy,) = re.findall(r"^\s*keepalive (\d+)s$", (ROOT / "deploy/Caddyfile").read_text(), re.M)
    assert int(proxy) < site_config().timeout_keep_alive
    assert CONNECTIONS.keepalive_expiry is not None
    assert CONNECTIONS.keepalive_expiry < site_config().timeout_keep_alive
