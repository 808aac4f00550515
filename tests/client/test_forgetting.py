"""What a profile deletes: a room that is over, and itself."""

from __future__ import annotations

import pytest

from sotto.profile.profile_dir import ProfileDir, ProfileDirError
from sotto.profile.room_record import RoomRecord
from tests.client.acting import DONE, REFUSED, USAGE

ROOM = "ab" * 16
KEPT = RoomRecord(head=(3, "A" * 43), keys={1: b"k" * 32}, sent={2: "A" * 43})


@pytest.fixture
def home(tmp_path):
    made = ProfileDir(tmp_path / "home")
    yield made
    made.close()


def test_a_forgotten_room_is_kept_no_more_and_no_running_program_brings_it_back(home):
    running = ProfileDir(home.path)
    running.store_room(ROOM, KEPT, {"box": "a log"})
    assert running.room(ROOM).keys == KEPT.keys
    home.forget_room(ROOM)
    running.store_room(ROOM, KEPT, {"box": "a log"})
    assert home.room(ROOM) == RoomRecord(turn=1)
    assert home.checkpoint(ROOM) is None
    assert home.heads() == {}
    assert "kkkk" not in (home.path / "rooms" / f"{ROOM}.json").read_text()


def test_a_deleted_profile_leaves_nothing_but_what_is_not_its_own(home):
    home.store_tokens("access", "refresh")
    home.store_room(ROOM, KEPT, {"box": "a log"})
    (home.path / "notes.txt").write_text("mine")
    home.delete()
    assert [path.name for path in home.path.rglob("*")] == ["notes.txt"]
    (home.path / "notes.txt").unlink()
    ProfileDir(home.path).delete()
    assert not home.path.exists()


def test_a_profile_that_a_program_uses_is_not_deleted(home):
    home.store_tokens("access", "refresh")
    assert home.owns_device()
    with pytest.raises(ProfileDirError):
        ProfileDir(home.path).delete()
    assert home.tokens() == ("access", "refresh")


@pytest.mark.slow
def test_rooms_and_profiles_are_forgotten_by_command(cli, pair, tmp_path):
    ada, ben, room = pair
    link = cli("invite", room, home=ada)[1]
    seen = cli("preview", "-", home=ben, text=link)
    assert seen[:2] == (
        DONE,
        f"Garden\nWhat grows\ninvited by {ada}, 2 members; the link lets you in\n",
    )
    cli("send", room, "the plums", home=ada)
    assert "the plums" in cli("history", room, "--since", "2020-01-01", home=ben)[1]
    assert cli("history", room, "--since", "2120-01-01", home=ben)[:2] == (DONE, "")
    assert cli("history", room, "--since", "tomorrow", home=ben)[0] == USAGE
    assert cli("forget", room, home=ben)[0] == REFUSED, "a member keeps it"
    assert cli("put-away", room, home=ben)[0] == USAGE, "it is not closed"
    assert cli("remove", room, ben, home=ada)[0] == DONE
    assert room in cli("rooms", "--json", home=ben)[1]
    assert cli("forget", "Garden", home=ben) == (DONE, "", "")
    assert cli("rooms", home=ben)[1] == ""
    assert cli("close", room, "--yes", room, home=ada)[0] == DONE
    assert cli("put-away", room, home=ada) == (DONE, "", "")
    assert cli("rooms", home=ada)[1] == ""
    code = cli("kit", "--store", home=ben)[1].strip()
    assert code
    assert cli("kit", home=ben)[0] == USAGE
    assert cli("forget", home=ben)[0] == USAGE
    refused = cli("forget", "--all", "--yes", ada, home=ben)
    assert (refused[0], f"--yes {ben}" in refused[2]) == (USAGE, True)
    assert (tmp_path / ben / "account.json").exists()
    assert cli("forget", "--all", "--yes", ben, home=ben) == (DONE, "", "")
    assert not (tmp_path / ben).exists()
    assert cli("forget", "--all", home=ben)[0] == USAGE
