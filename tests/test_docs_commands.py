"""Commands in the documents are ones that there are: `manage.py` runs them on a site, as far as
they concern people, rooms and the audit log; the arguments of `sotto` are parsed.
"""

from __future__ import annotations

import re
import shlex
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands

from accounts.audit.sealing import seal
from accounts.models import User
from scripts.environment import ROOT
from sotto.cli.arguments import parser
from tests.base import create_room, person
from tests.matrix.cast import undone

DOCUMENTS = [ROOT / "README.md", ROOT / "client" / "README.md", *(ROOT / "docs").glob("*.md")]
SITE = re.compile(r"(?:manage\.py |`)((?:people|rooms|audit|status)(?: [^`\n]+)?)")
"""In a block, or between backquotes, where `manage.py` may be left out."""
ASKS = ("people delete", "rooms close")
ELSEWHERE = {
    *("backup", "check_backup", "restore", "prepare_store", "recount_storage", "serve"),
    "seed_demo",
}
"""Commands that tests/ops, tests/engines and tests/demo run."""


NAMES_ALONE = {"people create --csv", "people reset", "people second-factor", "rooms [--json]"}
"""Named within a sentence, without what they need."""


def without_comment(line: str) -> str:
    return re.sub(r"\s+#\s.*|\s*>.*", "", line).rstrip()


def of_the_site() -> list[str]:
    found = {
        without_comment(match[1]) for path in DOCUMENTS for match in SITE.finditer(path.read_text())
    }
    return sorted(one for one in found - NAMES_ALONE if one == "status" or " " in one)


def of_the_client() -> list[str]:
    lines = [line for path in DOCUMENTS for line in path.read_text().splitlines()]
    found = [re.match(r" {4}(?:\w+ \| )?sotto (.+)", line) for line in lines]
    return sorted({without_comment(match[1]) for match in found if match})


def test_documents_name_no_command_that_is_not_there():
    named = {one for path in DOCUMENTS for one in re.findall(r"manage\.py (\w+)", path.read_text())}
    assert named <= set(get_commands())
    assert named == {one.split()[0] for one in of_the_site()} | ELSEWHERE


@pytest.fixture
def folder(settings, tmp_path, monkeypatch) -> Path:
    """A data folder of the test's own, for links that are handed out, and a class list."""
    settings.DATA_DIR = tmp_path
    (tmp_path / "class.csv").write_text("name\nzoe\nyan\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.django_db
def test_commands_for_the_site_do_what_the_documents_show(folder, settings):
    settings.SMTP_URL = {"EMAIL_HOST": "localhost"}
    ada = person("ada.lovelace")
    ada.publish()
    User.objects.filter(pk=ada.uid).update(mail="ada@example.org")
    User.objects.create_superuser("root")  # somebody has to stay
    room = create_room(ada)
    seal()
    names = {"NAME": "ada.lovelace", "ID": room.id, "MIB": "5"}
    for line in of_the_site():
        arguments = [names.get(one, one) for one in shlex.split(line)]
        arguments += ["--yes"] * line.startswith(ASKS)
        out = StringIO()
        with undone():
            try:
                call_command(*arguments, stdout=out, stderr=StringIO())
            except SystemExit:  # something needs somebody
                assert arguments[0] == "status", line
            assert out.getvalue().strip() or line == "audit export --after 1200", line


@pytest.mark.parametrize("line", of_the_client())
def test_arguments_of_the_client_are_as_the_documents_show(line):
    parser().parse_args(shlex.split(line))  # ends the program if one is not there


def test_there_are_commands_to_look_at():
    assert len(of_the_site()) > 20
    assert len(of_the_client()) >= 10
