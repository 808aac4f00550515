"""What is installed and what browsers get is exactly what was pinned."""

import json
import re
from hashlib import sha256

import pytest

from scripts.environment import LISTS, ROOT
from scripts.stemmers import TARGET, translated
from scripts.vendor import VENDOR, packages

LOCKS = (*LISTS, "requirements-node.txt")
PIN = re.compile(r"^([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==(\S+)", re.MULTILINE)


def pins(name: str) -> set[tuple[str, ...]]:
    return set(PIN.findall((ROOT / name).read_text()))


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_by_version_and_hash(name: str) -> None:
    entries = re.split(r"^(?=\S)", (ROOT / name).read_text(), flags=re.MULTILINE)
    found = [entry for entry in entries if entry.strip() and not entry.startswith("#")]
    assert found
    assert not [entry for entry in found if not (PIN.match(entry) and "--hash=sha256:" in entry)]


@pytest.mark.parametrize("name", LOCKS)
def test_no_lock_names_a_host(name: str) -> None:
    assert not re.search(r"://|index-url|find-links", (ROOT / name).read_text())


def test_each_list_holds_the_one_before() -> None:
    run, test, dev = map(pins, LISTS)
    assert run < test < dev


@pytest.mark.parametrize("name", LOCKS)
def test_lock_has_whatever_is_asked_for(name: str) -> None:
    asked = (ROOT / name.replace(".txt", ".in")).read_text()
    names = set(re.findall(r"^([a-z0-9-]+)", asked, re.MULTILINE)) - {"-r", "-c"}
    assert {name.lower() for name in names} <= {pin[0] for pin in pins(name)}


@pytest.mark.parametrize("folder", ["", "scripts/chromium/"])
def test_node_packages_are_pinned_by_hash_and_name_no_host(folder: str) -> None:
    lock = json.loads((ROOT / folder / "package-lock.json").read_text())
    locked = {path: entry for path, entry in lock["packages"].items() if path}
    assert locked
    assert not [path for path, entry in locked.items() if "integrity" not in entry]
    assert not [path for path, entry in locked.items() if "resolved" in entry]


def test_vendored_files_are_the_pinned_ones_and_no_others() -> None:
    pinned = {
        f"{name}/{target}": file["sha256"]
        for name, package in packages().items()
        for target, file in package["files"].items()
    }
    found = {
        path.relative_to(VENDOR).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file()
    }
    made = {
        (TARGET / name).relative_to(VENDOR).as_posix(): sha256(text.encode()).hexdigest()
        for name, text in translated()
    }
    assert found == pinned | made
