"""Commands about rooms and their members, against a server."""

from __future__ import annotations

import json

import pytest

from tests.client.acting import DONE, REFUSED, SECURITY, USAGE


@pytest.mark.slow
def test_a_rooms_profile_key_and_links_are_looked_after(cli, pair, tmp_path):
    ada, ben, room = pair
    assert cli("profile", room, home=ben)[:2] == (DONE, "Garden\nWhat grows\n")
    (tmp_path / "plum.png").write_bytes(b"a picture")
    changed = ("profile", room, "--name", "Orchard", "--picture", str(tmp_path / "plum.png"))
    assert cli(*changed, home=ada)[:2] == (DONE, "Orchard\nWhat grows\n")
    assert cli("profile", room, "--name", " ", home=ada)[0] == USAGE
    assert cli("profile", room, "--picture", "/nowhere.png", home=ada)[0] == USAGE
    assert cli("profile", room, home=ben)[1].startswith("Orchard\n")
    link = cli("invite", room, "--uses", "3", home=ada)[1].strip()
    listed = cli("links", room, home=ben)[1]
    assert "3 of 3 uses left" in listed
    assert link not in listed
    assert cli("links", room, "--end", "a" * 32, home=ada)[0] == USAGE
    assert cli("links", room, "--end", link, home=ada) == (DONE, "", "")
    assert cli("links", room, home=ada)[1] == ""
    cy = f"cy.{ben}"
    cli("signup", cy, home=cy)
    assert cli("join", link, home=cy)[0] == REFUSED
    assert cli("leave", room, "--yes", home=ben)[0] == DONE  # an open room waits a minute
    assert cli("renew-key", room, home=ada) == (DONE, "", "")
    assert cli("hand-over", room, home=ada) == (DONE, "0 keys given.\n", "")


@pytest.mark.slow
def test_somebody_is_asked_into_a_room_and_a_room_ends(cli, pair):
    ada, ben, room = pair
    cy = f"cy.{ben}"
    cli("signup", cy, home=cy)
    assert cli("add", room, cy, home=ada) == (DONE, "", "")
    assert cli("send", room, "let me in", home=cy)[0] == REFUSED
    assert cli("accept", room, home=cy) == (DONE, "", "")
    assert cli("send", room, "here I am", home=cy)[0] == DONE
    code, _, errors = cli("close", room, "--yes", "Garden", home=ada)
    assert code == USAGE
    assert f"--yes {room}" in errors
    assert cli("close", room, "--yes", room, home=ben)[0] in {REFUSED, SECURITY}
    assert cli("close", room, "--yes", room, home=ada) == (DONE, "", "")
    assert cli("send", room, "is anybody here?", home=cy)[0] == REFUSED


@pytest.mark.slow
def test_who_knocks_is_refused(cli, pair):
    ada, ben, room = pair
    assert cli("policy", room, "join=approve", home=ada)[0] == DONE
    link = cli("invite", room, home=ada)[1]
    cy = f"cy.{ben}"
    cli("signup", cy, home=cy)
    assert cli("join", "-", "--wait", "0", home=cy, text=link)[0] == REFUSED
    assert f"{cy}  wants to join" in cli("knocks", room, "--refuse", cy, home=ada)[1]
    assert cli("knocks", room, home=ada)[1] == ""


@pytest.mark.slow
def test_a_rooms_policy_is_shown_and_changed(cli, pair):
    ada, ben, room = pair
    assert "join=link\n" in cli("policy", room, home=ben)[1]
    assert "join=approve\n" in cli("policy", room, "join=approve", home=ada)[1]
    assert cli("policy", room, "join=link", home=ben)[0] in {REFUSED, SECURITY}
    assert "join=approve\n" in cli("policy", room, home=ben)[1]
    for wrong in ("history", "weather=fine", "ttl=soon"):
        code, _, errors = cli("policy", room, wrong, home=ada)
        assert code == USAGE
        assert wrong in errors


@pytest.mark.slow
def test_who_leaves_has_to_be_invited_again(cli, pair):
    ada, ben, room = pair
    assert cli("leave", room, home=ben, text="n\n")[0] == USAGE
    assert room in cli("rooms", "--json", home=ben)[1]
    assert cli("leave", room, "--yes", home=ben) == (DONE, "", "")
    assert json.loads(cli("rooms", "--json", home=ben)[1])["former"] == "left"
    assert f"{ben}  (" not in cli("members", room, home=ada)[1]


@pytest.mark.slow
def test_joining_may_be_repeated(cli, pair):
    ada, ben, room = pair
    link = cli("invite", room, "--uses", "1", home=ada)[1]
    for name in (ben, ben, "cy.joins"):  # one is in already, and uses nothing up
        cli("signup", name, home=name)
        assert cli("join", "-", home=name, text=link)[:2] == (DONE, f"{room}\n")
    for name in ("cy.joins", ben):  # who used it up, and who came by another link
        code, output, errors = cli("join", "-", home=name, text=link)
        assert (code, output) == (DONE, f"{room}\n")
        assert "a member of this room already" in errors
    cli("signup", "dot.joins", home="dot")
    code, output, errors = cli("join", "-", home="dot", text=link)
    assert (code, output) == (REFUSED, "")
    assert "already" not in errors


@pytest.mark.slow
def test_a_used_link_does_not_bring_back_who_left(cli, pair):
    ada, _, room = pair
    link = cli("invite", room, "--uses", "1", home=ada)[1]
    cli("signup", "cy.left", home="cy")
    assert cli("join", "-", home="cy", text=link)[0] == DONE
    assert cli("leave", room, "--yes", home="cy")[0] == DONE
    assert cli("join", "-", home="cy", text=link)[:2] == (REFUSED, "")


@pytest.mark.slow
def test_leaders_are_made_and_unmade(cli, pair, server):
    ada, ben, room = pair
    assert cli("role", "Garden", ben, "moderator", home=ada)[0] == DONE
    assert cli("role", "Garden", ben, "member", home=ada)[0] == DONE
    code, _, errors = cli("role", "Garden", "nobody.here", "member", home=ada)
    assert (code, "Nobody here is called nobody.here." in errors) == (USAGE, True)
    assert cli("take-over", room, home=ben)[0] == REFUSED
    assert cli("successor", "Garden", f"@{ben}", home=ada)[0] == DONE
    server.manage("people", "disable", ada)
    assert cli("take-over", room, home=ben)[0] == DONE
    assert cli("send", room, "mine now", home=ben)[0] == DONE


@pytest.mark.slow
def test_a_former_room_is_listed_and_exported_and_an_owner_hands_over_to_leave(cli, pair, tmp_path):
    ada, ben, room = pair
    code, _, errors = cli("leave", "Garden", "--yes", home=ada)
    assert (code, "--owner NAME" in errors) == (USAGE, True)
    assert cli("leave", "Garden", "--yes", "--owner", ben, home=ben)[0] == USAGE
    assert cli("leave", "Garden", "--yes", "--owner", ben, home=ada) == (DONE, "", "")
    code, _, errors = cli("send", "Garden", "still here?", home=ada)
    assert (code, "you left this room" in errors) == (REFUSED, True)
    assert cli("rooms", home=ada)[1] == f"{room[:8]}  Garden  (left)\n"
    assert cli("add", "Garden", ada, home=ben)[0] == DONE
    assert cli("accept", room, home=ada)[0] == DONE
    assert cli("remove", "Garden", ada, home=ben)[0] == DONE
    assert f"Garden  (removed by {ben})" in cli("rooms", home=ada)[1]
    code, _, errors = cli("read", "Garden", home=ada)
    assert (code, f"{ben} removed you from this room" in errors) == (REFUSED, True)
    kept = str(tmp_path / "garden.json")
    assert cli("export", "Garden", kept, home=ada)[0] == DONE
    assert cli("check-export", kept, home=ada)[0] == DONE


@pytest.mark.slow
def test_who_has_left_is_banned(cli, pair):
    ada, ben, room = pair
    assert cli("remove", "Garden", ben, home=ada)[0] == DONE
    assert cli("ban", "Garden", ben, home=ada)[0] == DONE
    _, link, _ = cli("invite", "Garden", home=ada)
    assert cli("join", "-", home=ben, text=link)[0] == REFUSED
    assert cli("ban", "Garden", ben, "--lift", home=ada)[0] == DONE
    assert cli("join", "-", home=ben, text=link)[1].strip() == room


@pytest.mark.slow
def test_who_is_back_with_new_keys_is_given_the_old_ones_of_the_room(cli, pair):
    ada, ben, room = pair
    assert cli("send", room, "before", home=ben)[0] == DONE
    assert cli("login", ben, "--new-keys", home="new phone")[0] == DONE
    assert cli("verify", ben, "--mark", home=ada)[0] == DONE
    assert cli("knocks", room, "--let-in", ben, home=ada)[0] == DONE
    assert cli("hand-over", room, home=ada)[0] == DONE
    assert cli("hand-over", room, home=ada)[1] == "0 keys given.\n"
    assert "before" in cli("history", room, home="new phone")[1]
