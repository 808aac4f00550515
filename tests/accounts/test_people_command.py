"""`manage.py people`: accounts from the command line."""

from __future__ import annotations

import csv
import json
import stat
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command

from accounts.bulk import csv_of, names_of_csv
from accounts.models import AccountLink, User
from tests.accounts.signed_in import alive, program
from tests.accounts.test_password_reset import NEW, use
from tests.base import api, code, create_room

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    """A data folder of the test's own: links are handed out in files there."""
    settings.DATA_DIR = tmp_path
    return tmp_path / "links"


def people(*arguments: str):
    """What a command answers a program."""
    call_command("people", *arguments, "--json", stdout=(out := StringIO()))
    return json.loads(out.getvalue())


def said(*arguments: str) -> str:
    call_command("people", *arguments, stdout=(out := StringIO()))
    return out.getvalue()


def secret_in(line: str) -> str:
    return line.strip().partition("#1.")[2]


def test_accounts_are_made_with_links_to_their_first_password(folder):
    made = people("create", "zoe", "YAN")
    assert made["created"] == ["zoe", "yan"]
    with open(made["file"]) as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["zoe", "yan"]
    assert not User.objects.get(name="zoe").has_usable_password()
    assert use(secret_in(rows[0]["link"])).json() == {"name": "zoe"}
    login = {"name": "zoe", "password": NEW}
    assert api().post("/api/v1/auth/login", login).status_code == 200
    assert code(use(secret_in(rows[0]["link"]))) == "reset_used"


def test_names_come_from_a_csv_file(tmp_path):
    path = tmp_path / "class.csv"
    path.write_text("\ufeffName,Room\r\nzoe,3\r\n\r\nyan,4\r\n", "utf-8")
    assert people("create", "--csv", str(path))["created"] == ["zoe", "yan"]


@pytest.mark.parametrize(
    "text",
    [
        "zoe\nyan",
        "zoe\ryan\r",  # as old spreadsheets end lines
        "\ufeffName;Vorname\r\nzoe;Zoë\r\nyan;=1+1\r\n",  # as those in many languages write
        'sep=;\r\n"zoe";"Zoë; the first"\r\n"yan";"x"\r\n',
        "username\tclass\nZOE\t3b\n Yan \t3b\n",
        "zoe\n  \n,,\n;;\nyan\n\n\n",
    ],
)
def test_names_come_from_the_csv_that_any_spreadsheet_writes(text):
    assert names_of_csv(text) == ["zoe", "yan"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("zoe\n=cmd|' /C calc'!A0\n", "line 2"),
        ("zoe\nz\n@sum(1)\n+1\n", "line 2, line 3, line 4"),
        ("zoe\nzoe\n", "zoe"),
        ("zoe\nben\n", "ben"),
        ("", "Name somebody"),
        ('"', "Name somebody"),
        ("n0000\n" * 10_001, "10000 are made at once"),
        ("zoe\nZOE\n", "named twice: zoe"),
        ("zoë\nмарія\n李小龍\n", "line 1, line 2, line 3"),
        ("zoe,1\n,2\n", "line 2"),  # somebody whose name is missing
        ('zoe,"two\nlines"\nyan!,x\n', "line 3"),
        ("zoe\0\n", "line 1"),
        ("z" * 200_000, "not a CSV file"),
    ],
)
def test_hostile_csv_files_make_nothing(tmp_path, ben, text, says):
    path = tmp_path / "people.csv"
    path.write_text(text)
    with pytest.raises(CommandError, match=says) as error:
        people("create", "--csv", str(path))
    assert "calc" not in str(error.value)
    assert User.objects.count() == 1
    assert not AccountLink.objects.exists()


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_said(tmp_path, content):
    path = tmp_path / "people.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match="cannot be read"):
        people("create", "--csv", str(path))


def test_hostile_csv_injection_a_name_that_a_spreadsheet_would_run_is_quoted():
    user = User(name="-1.zoe")
    assert csv_of([(user, "https://x/#1.a")]).splitlines()[1] == "'-1.zoe,https://x/#1.a"


def test_links_go_into_a_file_for_its_owner_alone_unless_somebody_looks(ben, folder):
    answer = people("reset", "ben")
    path = Path(answer["file"])
    assert path.parent == folder
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "#1." not in json.dumps(answer)
    assert "#1." not in said("reset", "ben")
    assert code(use(secret_in(path.read_text()))) == "reset_unknown", "another one replaced it"


@pytest.mark.parametrize(
    "arguments", [("create", "zoe"), ("invite",), ("invite", "--administrator"), ("reset", "ben")]
)
def test_fault_a_link_that_reaches_nobody_is_not_made(ben, folder, arguments):
    folder.write_text("where the folder should be")
    with pytest.raises(CommandError, match=r"cannot be written \(.+\)\. Nothing was made"):
        people(*arguments)
    assert [user.name for user in User.objects.all()] == ["ben"]
    assert not AccountLink.objects.exists()


def test_fault_where_nobody_can_be_asked_nothing_is_deleted(ben, monkeypatch):
    def nobody(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    for run in (said, people):  # a program's answer is one JSON document, and no question
        with pytest.raises(CommandError, match=r"--yes\. Nothing was changed"):
            run("delete", "ben")
    assert User.objects.get().deleted_at is None
    assert people("delete", "ben", "--yes")["state"] == "deleted"


def test_the_first_administrator_comes_by_a_link():
    answer = people("invite", "--administrator")
    sent = {"name": "root", "password": NEW, "link": secret_in(Path(answer["file"]).read_text())}
    assert api().post("/api/v1/auth/register", sent).status_code == 201
    assert User.objects.administrators().get().name == "root"
    assert code(api().post("/api/v1/auth/register", {**sent, "name": "second"})) == "link_used"
    [row] = people("list")
    assert (row["name"], row["role"], row["state"]) == ("root", "administrator", "active")


@pytest.mark.parametrize("days", ["0", "-1", "91"])
def test_lifetimes_have_bounds(days, ben):
    for arguments in (("invite",), ("create", "zoe")):
        with pytest.raises(CommandError, match="1 to 90 days"):
            people(*arguments, "--days", days)


def test_the_list_shows_who_has_an_account(ada, ben):
    ada.publish()
    create_room(ada)
    people("disable", "ben")
    rows = {row["name"]: row for row in people("list")}
    assert (rows["ada"]["rooms"], rows["ada"]["state"]) == (1, "active")
    assert rows["ben"]["state"] == "disabled"
    assert "ada" in said("list", "ada")
    people("delete", "ben", "--yes")
    assert [row["name"] for row in people("list")] == ["ada"]
    assert [row["name"] for row in people("list", "--all")] == ["ada", "ben"]
    assert [row["state"] for row in people("list", "BEN")] == ["deleted"]


def test_the_list_takes_as_many_queries_for_many(ada, ben, cleo, django_assert_num_queries):
    with django_assert_num_queries(1):
        people("list")


def test_somebody_who_leaves_is_shown_with_rooms_that_need_an_owner(ada, ben):
    for someone in (ada, ben):
        someone.publish()
    room, alone = create_room(ada), create_room(ada, b"another room ..x")
    room.admit(ada, ben)
    place = program(ada.user)
    answer = people("disable", "ada")
    assert answer["rooms_without_owner"] == [room.id]
    assert not alive(place)
    assert room.id in said("delete", "ada", "--yes")
    assert alone.id not in said("list", "--all")


def test_every_change_is_on_the_record(ben):
    people("create", "zoe")
    people("disable", "zoe")
    people("enable", "zoe")
    people("role", "zoe", "administrator")
    texts = list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))
    assert len(texts) == 5
    assert all(text.endswith("By a command on the server.") for text in texts)


@pytest.mark.parametrize("what", ["disable", "enable", "reset"])
def test_unknown_and_deleted_names_are_refused(what, ben):
    people("delete", "ben", "--yes")
    for name in ("ben", "nobody", "\u202e"):
        with pytest.raises(CommandError, match="no account"):
            people(what, name)
