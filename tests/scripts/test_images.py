"""Digests of images: every image gets one, an old one is replaced, and age is a warning."""

from __future__ import annotations

from datetime import date, timedelta

from scripts import images
from scripts.environment import ROOT

TEXTS = [path.read_text() for path in images.FILES]
ONE, TWO = (f"sha256:{digit * 64}" for digit in "12")


def test_every_image_gets_its_digest_and_a_new_one_replaces_it():
    asked = []

    def digest(name: str, tag: str) -> str:
        asked.append(f"{name}:{tag}")
        return ONE

    for text in TEXTS:
        once = images.with_digests(text, digest)
        assert once.count(ONE) == len(images.IMAGE.findall(text)) > 1
        assert images.with_digests(once, lambda name, tag: TWO) == once.replace(ONE, TWO)
        assert once.replace(f"@{ONE}", "") == text
    names = {one.split(":")[0] for one in asked}
    assert names == {"python", "caddy", "mongo", "postgres", "redis"}


def test_the_site_s_own_images_get_none():
    assert "sotto:local" in TEXTS[0]
    assert "sotto" not in " ".join(match["name"] for match in images.IMAGE.finditer(TEXTS[0]))


def test_a_registry_that_is_away_changes_nothing(tmp_path, monkeypatch, capsys):
    def away(name: str, tag: str) -> str:
        raise OSError("no route")

    monkeypatch.setattr(images, "ask_registry", away)
    copies = tuple(tmp_path / path.name for path in images.FILES)
    for copy, text in zip(copies, TEXTS, strict=True):
        copy.write_text(text)
    assert images.main([], copies) == 1
    assert [copy.read_text() for copy in copies] == TEXTS
    assert "Nothing was changed" in capsys.readouterr().err


def test_the_age_of_versions_is_a_warning():
    checked = date.fromisoformat(images.CHECKED.findall(TEXTS[0])[0])
    assert images.age_warning(TEXTS[0], checked + timedelta(days=images.OLD)) == ""
    assert "91 days ago" in images.age_warning(TEXTS[0], checked + timedelta(days=91))
    assert "does not say" in images.age_warning("", checked)
    assert images.main(["--age"]) == 0


def test_the_makefile_s_check_shows_it():
    assert "scripts.images" in (ROOT / "scripts" / "check.py").read_text()
