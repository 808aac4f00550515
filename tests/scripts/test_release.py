"""What `make release` writes: complete, valid, the same bytes again, and signed."""

from __future__ import annotations

import json
import os
import re
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import chatsite
from scripts import release, sbom, vendor
from scripts.environment import ROOT
from tests.release import KEY, release_of_the_run, released


@pytest.fixture(scope="module")
def dist() -> Path:
    return release_of_the_run()


@pytest.fixture(scope="module")
def materials(dist) -> dict[str, Any]:
    [path] = dist.glob("*.cdx.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_a_release_is_whole_and_signed(dist):
    names = {path.name for path in dist.iterdir()}
    sums = (dist / "SHA256SUMS").read_bytes()
    listed = dict(reversed(line.split("  ")) for line in sums.decode().splitlines())
    assert set(listed) == names - {"SHA256SUMS", "SHA256SUMS.sig"}
    kinds = (
        r"sotto-release-.*-en\.json",
        r"sotto_client-.*\.whl",
        r"sotto-.*\.cdx\.json",
        "NOTICE",
    )
    for kind in kinds:
        assert [name for name in listed if re.fullmatch(kind, name)], kind
    for name, digest in listed.items():
        assert sha256((dist / name).read_bytes()).hexdigest() == digest
    KEY.public_key().verify((dist / "SHA256SUMS.sig").read_bytes(), sums)


@pytest.mark.slow
@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_the_same_commit_gives_the_same_bytes(dist, tmp_path, umask):
    before = os.umask(umask)
    try:
        again = released(tmp_path)
    finally:
        os.umask(before)
    for path in dist.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_bill_of_materials_is_valid_cyclonedx(dist):
    [path] = dist.glob("*.cdx.json")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(path.read_text()) is None


@pytest.mark.slow
def test_it_names_every_pinned_package_with_all_its_hashes(materials):
    text = (ROOT / "requirements.txt").read_text()
    pinned = re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==([^\s;\\]+)", text, re.M)
    found = [one for one in materials["components"] if one["purl"].startswith("pkg:pypi/")]
    assert sorted((one["name"], one["version"]) for one in found) == sorted(pinned)
    hashes = [
        one["content"]
        for part in found
        for reference in part["externalReferences"]
        for one in reference["hashes"]
    ]
    assert sorted(hashes) == sorted(re.findall(r"--hash=sha256:([0-9a-f]{64})", text))


def test_it_names_every_file_that_browsers_get_from_others(materials):
    named = {
        file["name"]: file["hashes"][0]["content"]
        for part in materials["components"]
        for file in part.get("components", [])
    }
    there = {
        path.relative_to(ROOT / "static").as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in vendor.VENDOR.rglob("*")
        if path.is_file()
    }
    assert named == there


def test_everything_that_is_installed_has_a_licence(materials):
    lacking = [
        one["name"]
        for one in materials["components"]
        if "licenses" not in one and not any(one.get("properties", []))
    ]
    assert lacking == []


def test_notice_has_the_licences_of_what_is_served_whole(dist):
    text = (dist / "NOTICE").read_text()
    for name in (*vendor.packages(), "snowball"):
        assert (vendor.VENDOR / name / "LICENSE").read_text().strip() in text
    for one in sbom.components():
        assert f"{one.name} {one.version}" in text


@pytest.mark.slow
def test_the_wheel_has_the_client_and_nothing_else(dist):
    [path] = dist.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
    assert {"sotto/__init__.py", "sotto/cli/main.py", "sotto/protocol/log.py"} <= set(names)
    packages = {"sotto", path.name.split("-py3")[0] + ".dist-info"}
    assert {name.split("/")[0] for name in names} == packages


@pytest.mark.parametrize(
    ("changelog", "has"),
    [
        ("## 0.1.0\n", True),
        ("# Changelog\n\n## 0.1.0 (27 November 2026)\n", True),
        ("## Unreleased\n", False),
        ("## 0.1.01\n## 0x1.0\n### 0.1.0\n", False),
    ],
)
def test_a_version_has_a_section_of_the_changelog(changelog, has):
    assert release.has_section("0.1.0", changelog) is has


def test_no_release_is_made_of_a_version_that_the_changelog_lacks(tmp_path, monkeypatch, capsys):
    key = tmp_path / "release.pem"
    key.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    monkeypatch.setattr(release, "version", lambda: "99.0.0")
    assert release.main([str(key), "--to", str(tmp_path / "dist")]) == 1
    assert "CHANGELOG.md has no section 99.0.0" in capsys.readouterr().err
    assert not (tmp_path / "dist").exists()


def test_the_changelog_and_the_site_have_the_version_of_the_client():
    text, version = (ROOT / "CHANGELOG.md").read_text(), re.escape(release.version())
    assert release.has_section(release.version(), text)
    assert re.search(rf"^## {version} \(\d+ \w+ \d{{4}}\)$", text, re.M), "only the tag is left"
    assert release.version() == chatsite.__version__


def test_a_release_leaves_nothing_in_the_repository(dist):
    assert not (ROOT / "client" / "build").exists()
    assert not list((ROOT / "client").glob("*.egg-info"))
