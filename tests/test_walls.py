"""The walls of the house: who may import whom, a sentence a rule (docs/architecture.md)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "rooms", "messaging", "summaries")
BELOW = {
    "chatsite.lib": (),
    "accounts": ("chatsite.lib",),
    "rooms": ("accounts", "chatsite.lib"),
    "messaging": ("rooms", "accounts", "chatsite.lib"),
    "summaries": ("rooms", "accounts", "chatsite.lib"),
}


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (p for p in (ROOT / folder).rglob("*.py") if "migrations" not in p.parts)


def imports_of(path: Path) -> set[str]:
    """Every module named in an import statement of `path`, wherever it stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative imports hide which wall they cross"
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


# What only the worker may know it reads from the environment by itself.
BESIDE = {"summaries/worker/config.py": ("chatsite.variables",)}


def ours(module: str) -> bool:
    return any(within(module, package) for package in (*APPS, "chatsite"))


@pytest.mark.parametrize("package", BELOW)
def test_imports_point_down_only(package):
    """messaging and summaries -> rooms -> accounts -> chatsite.lib -> Django. Never back."""
    for path in python_files(package.replace(".", "/")):
        for module in filter(ours, imports_of(path)):
            lower = (package, *BELOW[package], *BESIDE.get(path.relative_to(ROOT).as_posix(), ()))
            allowed = any(within(module, one) for one in lower)
            assert allowed, f"{path.relative_to(ROOT)} imports {module}"


def test_messaging_and_summaries_do_not_know_each_other():
    """That the server cannot read history to summarise it shows in the import graph."""
    for here, there in (("messaging", "summaries"), ("summaries", "messaging")):
        for path in python_files(here):
            assert not any(within(module, there) for module in imports_of(path)), path


def test_only_the_engines_know_their_database():
    """One engine leaks otherwise, and the second stops being real."""
    for path in python_files("chatsite", *APPS):
        inside = path.relative_to(ROOT).as_posix()
        for module in imports_of(path):
            if within(module, "pymongo"):
                engines = ("messaging/store/mongo", "summaries/store/mongo")
                copies = "chatsite/ops/backup/mongo.py"  # documents as they are, unread
                assert inside.startswith((*engines, copies)), inside
            if within(module, "summaries.store.orm_models"):
                assert inside in {"summaries/store/orm.py", "summaries/models.py"}, inside
            if within(module, "messaging.store.orm.models"):
                engine = inside.startswith("messaging/store/orm/")
                assert engine or inside == "messaging/models.py", inside


def test_the_server_can_decrypt_nothing():
    """No Python module of the server imports a primitive that opens what members seal; but for
    the summaries' worker, to which they seal what they want it to read.
    """
    forbidden = ("ciphers", "asymmetric.padding", "asymmetric.rsa", "kdf", "fernet")
    for path in python_files("chatsite", *APPS):
        inside = path.relative_to(ROOT).as_posix()
        # Secrets of second factors, which the server itself made: nothing that a member sealed.
        own = inside == "accounts/factor/secrets.py"
        worker = inside.startswith("summaries/worker/")
        for module in imports_of(path):
            decrypts = any(part in module for part in forbidden)
            assert own or worker or not decrypts, f"{path}: {module}"
            assert not within(module, "sotto"), f"{path} imports the client"


def test_only_celery_s_side_knows_the_worker():
    """What opens requests is in no process that answers them, unless that is also the worker."""
    for path in python_files("chatsite", *APPS):
        inside = path.relative_to(ROOT).as_posix()
        if inside.startswith("summaries/worker/") or inside == "chatsite/ops/worker.py":
            continue
        assert not any(within(module, "summaries.worker") for module in imports_of(path)), inside


def test_the_client_does_not_know_the_server():
    """It is the second implementation of the protocol: nothing is shared."""
    for path in python_files("client"):
        assert not any(ours(module) for module in imports_of(path)), path


def test_the_clients_protocol_knows_no_network():
    """It is pure, so that it can be audited by itself: no requests, sockets, tasks or profiles."""
    for path in python_files("client/sotto/protocol"):
        for module in imports_of(path):
            assert not module.startswith(("asyncio", "httpx2", "websockets", "filelock")), path
            assert not within(module, "sotto") or within(module, "sotto.protocol"), path


def test_consumers_import_no_models():
    """The socket only translates."""
    for module in imports_of(ROOT / "messaging" / "consumers.py"):
        assert "models" not in module, module


WRITES = {"actions.py", "bulk.py", "join_requests.py", "keys.py", "lifecycle.py", "links.py"}
"""Modules of an app that write, apart from engines and `messaging/live`."""


def test_actions_know_no_transport():
    """Actions take values, not requests, responses, sockets, connections or the hub."""
    transports = (
        "django.http",
        "rest_framework.request",
        "rest_framework.response",
        "channels",
        "messaging.live",
    )
    top = [ROOT / app / name for app in APPS for name in WRITES]
    found = {path for path in python_files(*APPS) if path.name == "actions.py" or path in top}
    assert {path.name for path in found} == WRITES
    for path in found:
        for module in imports_of(path):
            assert not any(within(module, name) for name in transports), f"{path}: {module}"


# --- JavaScript ----------------------------------------------------------------------------

JS = ROOT / "static" / "js"
FLOORS = ("crypto", "store", "net", "ui")
COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*", re.S | re.M)
IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["']([^"'\s,]+)["']""")


def js_imports(path: Path) -> set[str]:
    """Paths below static/, resolved, that `path` imports."""
    found = IMPORT.findall(COMMENT.sub("", path.read_text()))
    for name in found:
        assert name.startswith("."), f"{path}: bare import {name}"
        assert name.endswith(".js"), f"{path}: import without its ending"
    return {
        (path.parent / name).resolve().relative_to(ROOT / "static").as_posix() for name in found
    }


@pytest.mark.parametrize("floor", FLOORS)
def test_the_parts_of_the_browser_meet_in_one_place(floor):
    """crypto, store, net and ui never import each other; conversation is where they meet."""
    for path in (JS / floor).rglob("*.js"):
        for target in js_imports(path):
            assert target.startswith((f"js/{floor}/", "vendor/")), f"{path}: {target}"


@pytest.mark.parametrize(
    ("folder", "below"),
    [
        ("conversation", ("crypto", "store", "net")),
        ("panels", ("conversation", "crypto", "ui")),
        ("pages", ("panels", "conversation", "crypto", "store", "net", "ui")),
        ("workers", ("crypto",)),
    ],
)
def test_imports_of_the_browser_point_down_only(folder, below):
    """pages -> panels -> conversation -> crypto, store, net; views (ui) know none of them. Searches
    know the stemmers, which are pure.
    """
    allowed = tuple(f"js/{name}/" for name in (folder, *below))
    stemmers = "vendor/snowball/"
    paths = list((JS / folder).rglob("*.js"))
    assert paths
    for path in paths:
        for target in js_imports(path):
            known = allowed if path.name != "stemmers.js" else (*allowed, stemmers)
            assert target.startswith(known), f"{path}: {target}"


def test_crypto_imports_nothing_foreign_and_stays_auditable():
    """Bytes and keys: no DOM, storage or network; about 2,000 lines of code. Of vendored libraries
    only the audited primitives of @noble.
    """
    words = re.compile(
        r"\b(document|window|indexedDB|fetch|localStorage|WebSocket|vendor)\b(?!/@noble/)[.(/]"
    )
    lines = 0
    for path in (JS / "crypto").rglob("*.js"):
        text = path.read_text()
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)
        assert not words.search(code), path
        lines += sum(1 for line in code.splitlines() if line.strip())
    assert 0 < lines < 2000


def test_nobody_writes_markup_from_strings():
    """Never innerHTML and its kin: the page's policy would refuse it, too."""
    sinks = re.compile(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval)\b")
    for path in JS.rglob("*.js"):
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(), flags=re.S)
        assert not sinks.search(code), path


def test_templates_hold_no_inline_script_or_style():
    inline = re.compile(
        r"""<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|=\s*["']?javascript:""", re.I
    )
    for path in (ROOT / "templates").rglob("*.html"):
        assert not inline.search(path.read_text()), path
