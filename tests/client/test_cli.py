"""The command line against a server: in this process, and as a program of its own."""

from __future__ import annotations

import json
import os
import pty
import signal
import stat
import subprocess
import sys

import pytest

from sotto.cli import terminal
from sotto.cli.main import main
from sotto.room import Message
from tests.client.acting import (
    DONE,
    NETWORK,
    REFUSED,
    SECURITY,
    USAGE,
    cli_command,
    cli_environment,
    run_cli,
)


def test_the_console_script_is_a_program(cli, pair, server, tmp_path):
    ada, ben, room = pair
    sent = run_cli(server.url, tmp_path / ada, "send", room, "-", text="by a program")
    assert sent == (DONE, "", "")
    assert "by a program" in cli("history", room, home=ben)[1]


def test_two_people_talk(cli, pair):
    ada, ben, room = pair
    assert cli("send", "Garden", "hello ben", home=ada) == (DONE, "", "")
    assert cli("send", room[:8], "-", home=ben, text="hello ada\nsecond line\n")[0] == DONE
    code, output, _ = cli("history", room, home=ada)
    assert code == DONE
    first, second, third = output.splitlines()
    assert first.endswith(f"{ada}: hello ben")
    assert second.endswith(f"{ben}: hello ada")
    assert third == "    second line"
    assert len(cli("history", room, "-n", "1", home=ben)[1].splitlines()) == 2
    found = [json.loads(line) for line in cli("history", room, "--json", home=ben)[1].splitlines()]
    assert [item["content"]["body"] for item in found] == ["hello ben", "hello ada\nsecond line"]
    assert "Garden  (2 members" in cli("rooms", home=ben)[1]
    assert json.loads(cli("rooms", "--json", home=ben)[1])["id"] == room


def test_messages_are_changed_by_their_number(cli, pair):
    ada, ben, room = pair
    cli("send", room, "the frist draft", home=ada)
    cli("send", room, "a remark", home=ben)
    assert cli("edit", room, "1", "-", home=ada, text="the first draft\n") == (DONE, "", "")
    assert cli("react", room, "1", "👍", home=ben) == (DONE, "", "")
    assert cli("pin", room, "1", home=ada) == (DONE, "", "")
    first = json.loads(cli("history", room, "--json", home=ben)[1].splitlines()[0])
    assert first["content"]["body"] == "the first draft"
    assert first["edited"]
    assert first["pinned"]
    assert cli("react", room, "1", "👍", "--off", home=ben)[0] == DONE
    assert cli("pin", room, "1", "--off", home=ada)[0] == DONE
    assert cli("delete", room, "2", home=ada)[0] == DONE  # an owner may
    assert "a remark" not in cli("history", room, home=ben)[1]


@pytest.mark.slow
def test_messages_that_one_may_not_change_are_left_alone(cli, pair):
    ada, ben, room = pair
    cli("send", room, "the plums are ripe", home=ada)
    for command in (("edit", room, "1", "mine"), ("delete", room, "1")):
        code, _, errors = cli(*command, home=ben)
        assert code == USAGE
        assert "somebody else's" in errors
    assert cli("react", room, "1", "well done", home=ben)[0] == USAGE
    assert cli("edit", room, "1", " ", home=ada)[0] == USAGE
    code, _, errors = cli("pin", room, "7", home=ada)
    assert code == USAGE
    assert "no message 7" in errors
    assert "the plums are ripe" in cli("history", room, home=ben)[1]


@pytest.mark.slow
def test_a_message_is_answered_and_a_room_is_read(cli, pair):
    ada, ben, room = pair
    cli("send", room, "Who brings jars?", home=ada)
    assert cli("send", room, "I do.", "--re", "1", home=ben) == (DONE, "", "")
    assert cli("send", room, "So do I.", "--re", "9", home=ben)[0] == USAGE
    assert cli("history", room, home=ada)[1].splitlines()[1].endswith(f"{ben} (to 1): I do.")
    assert "1 unread" in cli("rooms", home=ada)[1]
    assert cli("read", room, home=ada) == (DONE, "", "")
    assert "0 unread" in cli("rooms", home=ada)[1]


@pytest.mark.slow
def test_a_poll_is_answered_by_numbers(cli, pair):
    ada, ben, room = pair
    assert cli("poll", room, "Jam?", "yes", home=ada)[0] == USAGE
    assert cli("poll", room, "Jam?", "yes", " ", home=ada)[0] == USAGE
    assert cli("poll", room, "Jam or cake?", "jam", "cake", home=ada)[:2] == (DONE, "1\n")
    for wrong in (("3",), ("0",), ("1", "2")):
        assert cli("vote", room, "1", *wrong, home=ben)[0] == USAGE
    assert cli("vote", room, "1", "2", home=ben) == (DONE, "", "")
    assert "    1. jam  (0)\n    2. cake  (1)\n" in cli("history", room, home=ada)[1]
    assert cli("vote", room, "1", home=ben) == (DONE, "", "")
    assert "    1. jam  (0)\n    2. cake  (0)\n" in cli("history", room, home=ada)[1]
    assert cli("vote", room, "2", "1", home=ada)[0] == USAGE, "a vote is no poll"


@pytest.mark.slow
def test_tail_prints_what_comes_and_ends_cleanly(cli, pair, server, tmp_path):
    ada, ben, room = pair
    cli("send", room, "before", home=ada)
    tail = subprocess.Popen(
        cli_command(tmp_path / ben, "tail", room),
        env=cli_environment(server.url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert tail.stdout is not None
    assert "before" in tail.stdout.readline()
    cli("send", room, "after", home=ada)
    cli("send", room, "from another program", home=ben)
    assert "after" in tail.stdout.readline()
    assert "from another program" in tail.stdout.readline()
    tail.send_signal(signal.SIGINT)
    output, errors = tail.communicate(timeout=10)
    assert (tail.returncode, output, errors) == (DONE, "", "")


def test_an_export_is_written_checked_and_never_overwrites(cli, pair, tmp_path):
    ada, _, room = pair
    cli("send", room, "for the record", home=ada)
    file, page = tmp_path / "room.json", tmp_path / "room.html"
    assert cli("export", room, str(file), home=ada)[0] == DONE
    assert cli("export", room, str(page), home=ada)[0] == DONE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    code, output, _ = cli("check-export", str(file), home="nobody")
    assert (code, "1 messages" in output, "Garden" in output) == (DONE, True, True)
    assert "for the record" in page.read_text()
    assert cli("export", room, str(file), home=ada)[0] == USAGE
    file.write_text(file.read_text().replace("for the record", "for the rekord"))
    code, _, errors = cli("check-export", str(file))
    assert (code, "cannot be verified" in errors) == (SECURITY, True)


@pytest.mark.slow
def test_safety_numbers_are_shown_and_marked(cli, pair):
    ada, ben, _ = pair
    mine, theirs = cli("verify", ben, home=ada), cli("verify", f"@{ada}", home=ben)
    assert mine == theirs
    assert (mine[0], len(mine[1].split())) == (DONE, 12)
    assert cli("verify", ben, "--mark", home=ada)[0] == DONE
    assert "verified" in cli("verify", ben, home=ada)[2]


@pytest.mark.slow
def test_new_keys_of_somebody_stop_a_message_until_they_are_approved(cli, pair):
    ada, ben, room = pair
    assert cli("login", ben, "--new-keys", home="new phone")[0] == DONE
    assert cli("knocks", room, home=ada)[1] == f"{ben}  has new keys\n"
    assert cli("knocks", room, "--let-in", ben, home=ada)[0] == SECURITY
    assert cli("verify", ben, home=ada)[0] == SECURITY
    assert cli("verify", ben, "--mark", home=ada)[0] == DONE
    assert cli("knocks", room, "--let-in", ben, home=ada)[0] == DONE
    assert cli("send", room, "welcome back", home=ada)[0] == DONE
    assert "welcome back" in cli("history", room, home="new phone")[1]


@pytest.mark.slow
def test_a_kit_brings_the_keys_to_another_place(cli, pair, tmp_path):
    ada, _, room = pair
    kit = tmp_path / "kit.json"
    cli("send", room, "remember", home=ada)
    assert cli("kit", str(kit), home=ada)[0] == DONE
    assert stat.S_IMODE(kit.stat().st_mode) == 0o600
    code, _, errors = cli("login", ada, home="elsewhere")
    assert (code, "kit" in errors) == (REFUSED, True)
    assert cli("login", ada, "--kit", str(kit), home="elsewhere")[0] == DONE
    assert "remember" in cli("history", room, home="elsewhere")[1]
    assert cli("logout", home="elsewhere")[0] == DONE
    assert cli("rooms", home="elsewhere")[0] == REFUSED
    assert cli("login", ada, home="elsewhere")[0] == DONE


def test_exit_codes_say_whose_fault_it_was(cli, pair, tmp_path):
    ada, _, room = pair
    assert cli("send", "Nowhere", "hello", home=ada)[0] == USAGE
    assert cli("send", room, "  ", home=ada)[0] == USAGE
    assert cli("join", "http://localhost/i#1.short", home=ada)[0] == USAGE
    assert cli("join", f"http://localhost/i#1.{'A' * 43}", home=ada)[0] == REFUSED
    assert cli("tumble")[0] == USAGE
    assert cli("check-export", str(tmp_path / "none"))[0] == USAGE
    assert cli("--server", "http://localhost:9", "signup", "somebody", home="new")[0] == NETWORK
    assert cli("rooms", home="new")[0] == REFUSED
    assert cli("signup", ada, home="taken")[0] == REFUSED


def test_no_command_takes_a_password_as_an_argument(capsys):
    for arguments in (["login", "ada", "secret"], ["login", "ada", "--password", "secret"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == USAGE
    capsys.readouterr()


def test_without_a_terminal_a_password_is_not_asked_for(monkeypatch):
    monkeypatch.delenv("SOTTO_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(terminal.UsageError, match="SOTTO_PASSWORD"):
        terminal.secret("Password: ", "SOTTO_PASSWORD")


def test_messages_cannot_steer_the_terminal():
    text = "\x1b[2Jgone\r\n 9 eve: forged\u202e"
    message = Message("r", 3, "ok", name="ada", content={"t": "text", "body": text})
    shown = terminal.line(message)
    assert not set(shown) & {"\x1b", "\r", "\u202e"}
    assert shown.splitlines()[1].startswith("     9 eve")


@pytest.mark.parametrize("where", ["terminal", "file"])
def test_progress_is_drawn_only_where_somebody_looks(where):
    reading, writing = pty.openpty() if where == "terminal" else os.pipe()
    code = "import time\nfrom sotto.cli.terminal import ProgressBar\nbar = ProgressBar('Reading')\n"
    code += "bar(1, 4)\ntime.sleep(0.2)\nbar(4, 4)"
    subprocess.run(
        [sys.executable, "-c", code],
        env=cli_environment(""),
        stderr=writing,
        check=True,
    )
    os.close(writing)
    try:
        drawn = os.read(reading, 1000)
    except OSError:
        drawn = b""
    assert (b"1 of 4" in drawn) == (where == "terminal")
    os.close(reading)


def test_search_finds_words_and_says_what_it_covered(cli, pair):
    ada, ben, room = pair
    cli("send", room, "strawberries are ripe", home=ada)
    cli("send", room, "pears are not", home=ben)
    code, output, errors = cli("search", "Garden", "STRAW", home=ben)
    assert code == DONE
    assert output.endswith(f"{ada}: strawberries are ripe\n")
    assert "Garden: searched 2 of 2 messages." in errors
    code, output, _ = cli("search", room, "are", "ripe", f"from:{ada}", "--json", home=ben)
    assert [json.loads(line)["seq"] for line in output.splitlines()] == [1]
    code, output, _ = cli("search", "-", "pear in:gard", home=ada)
    assert (code, output.startswith("Garden  ")) == (DONE, True)
    assert cli("search", "-", "pear in:kitchen", home=ada) == (DONE, "", "")
    code, output, errors = cli(
        "search", room, "are", "pears", "straw", "--best", "-n", "1", home=ada
    )
    assert len(output.splitlines()) == 1
    assert "-n 0 shows all" in errors
    code, output, _ = cli("search", room, "are", home=ada)
    assert (code, len(output.splitlines())) == (DONE, 2), "read message by message"
    code, output, errors = cli("search", room, "are paers", home=ada)
    assert (code, output) == (DONE, "")
    assert "Messages that have are, too, come first" in errors
    assert "did you mean 'are pears'?" in errors
    for wrong, why in (("has:cheese", "Use from:NAME"), ("in:garden", "nothing to look for")):
        code, output, errors = cli("search", room, wrong, home=ada)
        assert (code, output) == (USAGE, "")
        assert why in errors
