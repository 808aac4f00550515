"""Bots: accounts of programs, their tokens, and what these allow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import lifecycle, links
from accounts.bots import actions
from accounts.bots.models import BotToken
from accounts.models import AuditEntry, SignIn, User
from accounts.sign_in.sign_ins import NOWHERE
from chatsite.lib.errors import Conflict, SignInNeeded
from tests.accounts.signed_in import browser
from tests.base import PASSWORD, Person, api, code, create_room, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Person:
    return Person("ada", make_user("ada")).publish()


@pytest.fixture
def robot(ada) -> User:
    return actions.create_bot(ada.user, "robot")


def token(owner: Person, bot: User, *scopes: str, days: int = 30) -> str:
    return actions.make_token(owner.user, bot.pk, ["read", *scopes], days).text


def signed_in(text: str) -> dict[str, str]:
    answer = api().post("/api/v1/auth/bot", {"token": text})
    assert answer.status_code == 200, answer.content
    return answer.json()


def refused(text: str) -> str:
    answer = api().post("/api/v1/auth/bot", {"token": text})
    assert answer.status_code == 401
    return code(answer)


# --- a bot and its tokens ---


def test_a_person_makes_a_bot_with_a_token_that_is_shown_once(ada):
    made = ada.client.post("/api/v1/me/bots", {"name": "Robot"})
    assert made.status_code == 201
    assert made.json()["name"] == "robot"
    about = {"scopes": ["read", "send"], "days": 30}
    answer = ada.client.post(f"/api/v1/me/bots/{made.json()['uid']}/tokens", about)
    assert answer.status_code == 201
    given = answer.json()
    assert signed_in(given["token"])["uid"] == made.json()["uid"]
    [listed] = ada.client.get("/api/v1/me/bots").json()["bots"]
    assert listed["tokens"][0] == {
        key: given[key] for key in ("id", "scopes", "made", "expires")
    } | {"used": listed["tokens"][0]["used"]}
    assert given["token"].rpartition(".")[2] not in str(BotToken.objects.values_list())


def test_a_bot_is_marked_where_others_look_it_up(ada, robot):
    assert ada.client.get("/api/v1/users/robot").json()["bot"] is True
    assert ada.client.get("/api/v1/users/ada").json()["bot"] is False
    access = signed_in(token(ada, robot))["access"]
    assert api(access).get("/api/v1/me").json()["bot"] is True


def test_members_that_are_bots_are_named_in_a_room(ada, robot):
    room = create_room(ada)
    bot = Person("robot", robot).publish()
    assert room.took(room.add(ada, bot)) is not None
    assert ada.client.get(f"/api/v1/chatrooms/{room.id}").json()["bots"] == [robot.pk]
    [listed] = ada.client.get("/api/v1/chatrooms").json()["rooms"]
    assert listed["bots"] == [robot.pk]


def test_what_is_done_with_bots_is_on_the_audit_log(ada, robot):
    text = token(ada, robot, "send")
    signed_in(text)
    actions.revoke_token(ada.user, robot.pk, text.split(".")[1])
    kinds = list(AuditEntry.objects.filter(account=robot.pk).order_by("pk").values_list("kind"))
    assert [kind for (kind,) in kinds] == [
        "bot.created",
        "bot.token",
        "sign_in",
        "bot.token_revoked",
    ]
    assert text.rpartition(".")[2] not in str(list(AuditEntry.objects.values_list("facts")))


# --- ends ---


def test_a_revoked_token_ends_its_sign_ins_and_no_others(ada, robot):
    first, second = token(ada, robot), token(ada, robot)
    one, other = signed_in(first), signed_in(second)
    address = f"/api/v1/me/bots/{robot.pk}/tokens/{first.split('.')[1]}"
    assert ada.client.delete(address).status_code == 204
    assert api(one["access"]).get("/api/v1/me").status_code == 401
    refreshed = api().post("/api/v1/auth/refresh", {"refresh": one["refresh"]})
    assert refreshed.status_code == 401
    assert refused(first) == "bad_token"
    assert api(other["access"]).get("/api/v1/me").status_code == 200
    assert code(ada.client.delete(address)) == "no_such_token"


def test_a_sign_in_does_not_outlast_its_token(ada, robot):
    text = token(ada, robot, days=1)
    access = signed_in(text)["access"]
    row = BotToken.objects.get()
    assert SignIn.objects.get(bot_token=row).expires_at <= row.expires_at
    past = timezone.now() - timedelta(seconds=1)
    BotToken.objects.update(expires_at=past)
    SignIn.objects.filter(bot_token=row).update(expires_at=past)
    assert refused(text) == "bad_token"
    assert api(access).get("/api/v1/me").status_code == 401
    assert actions.forget_expired_tokens() > 0
    assert not BotToken.objects.exists()


@pytest.mark.parametrize("whose", ["bot", "owner"])
def test_nobody_signs_in_where_the_bot_or_its_owner_is_disabled(ada, robot, whose):
    text = token(ada, robot)
    access = signed_in(text)["access"]
    lifecycle.set_active({"bot": robot, "owner": ada.user}[whose], False, by=None)
    assert refused(text) == "bad_token"
    assert api(access).get("/api/v1/me").status_code == 401


def test_a_bot_ends_by_its_owner_and_with_its_owner(ada, robot):
    text, other = token(ada, robot), actions.create_bot(ada.user, "second")
    assert ada.client.delete(f"/api/v1/me/bots/{robot.pk}").status_code == 204
    assert refused(text) == "bad_token"
    assert code(ada.client.post("/api/v1/me/bots", {"name": "robot"})) == "name_taken"
    lifecycle.delete_account(ada.user, by=None)
    other.refresh_from_db()
    assert other.deleted_at is not None


# --- what nobody can do ---


def test_abuse_bots_of_others_are_not_there(ada, robot):
    eve = Person("eve", make_user("eve"))
    text = token(ada, robot)
    for method, path in (
        ("delete", f"me/bots/{robot.pk}"),
        ("post", f"me/bots/{robot.pk}/tokens"),
        ("delete", f"me/bots/{robot.pk}/tokens/{text.split('.')[1]}"),
        ("delete", f"me/bots/{ada.uid}"),  # no bot at all
    ):
        body = {"scopes": ["read"], "days": 1} if method == "post" else {}
        answer = getattr(eve.client, method)(f"/api/v1/{path}", body)
        assert code(answer) == "no_such_bot", path
    assert signed_in(text)["uid"] == robot.pk


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
        lambda text: text.rpartition(".")[0] + ".",
        lambda text: text.replace("sotto-bot", "sotto"),
        lambda text: text + "A",
        lambda text: "",
        lambda text: "sotto-bot..",
        lambda text: text.replace(text.split(".")[1], "0" * 32),
        lambda text: text.rpartition(".")[0] + ".é",
    ],
)
def test_abuse_a_token_that_is_not_quite_right_is_refused(ada, robot, change):
    assert refused(change(token(ada, robot))) == "bad_token"


def test_abuse_a_bot_makes_no_bots_and_gets_nothing_that_people_have(ada, robot):
    client = api(signed_in(token(ada, robot, "send", "rooms"))["access"])
    for method, path in (
        ("post", "me/bots"),
        ("get", "me/bots"),
        ("post", "me/password"),
        ("get", "me/sessions"),
        ("delete", "me/sessions"),
        ("post", "me/delete"),
        ("put", "kit"),
        ("post", "me/second_factor/secret"),
    ):
        answer = getattr(client, method)(f"/api/v1/{path}")
        assert (answer.status_code, code(answer)) == (403, "scope"), path
    assert code(api().post("/api/v1/auth/login", {"name": "robot", "password": ""})) == "bad_login"
    for give in (
        lambda: lifecycle.set_role(robot, User.ADMINISTRATOR, by=None),
        lambda: lifecycle.set_mail(robot, "robot@example.org", by=None),
        lambda: links.make_password_link(robot, by=None),
    ):
        with pytest.raises(Conflict, match="bot"):
            give()
    with pytest.raises(Exception, match="bots_closed"):
        actions.create_bot(robot, "bot.of.bot")


def test_abuse_a_refreshed_token_has_no_more_scopes(ada, robot):
    given = signed_in(token(ada, robot))
    again = api().post("/api/v1/auth/refresh", {"refresh": given["refresh"]}).json()
    client = api(again["access"])
    assert client.get("/api/v1/chatrooms").status_code == 200
    assert code(client.post("/api/v1/chatrooms", {})) == "scope"


@pytest.mark.parametrize(
    "body",
    [
        {"scopes": ["send"], "days": 1},
        {"scopes": ["read", "admin"], "days": 1},
        {"scopes": [], "days": 1},
        {"scopes": ["read"], "days": 0},
        {"scopes": ["read"], "days": 367},
        {"scopes": "read", "days": 1},
        {"days": 1},
    ],
)
def test_abuse_tokens_without_read_or_without_end_are_not_made(ada, robot, body):
    answer = ada.client.post(f"/api/v1/me/bots/{robot.pk}/tokens", body)
    assert answer.status_code == 400
    assert not BotToken.objects.exists()


def test_abuse_bots_and_tokens_are_bounded(ada, robot, monkeypatch):
    monkeypatch.setattr(actions, "MOST_BOTS", 2)
    monkeypatch.setattr(actions, "MOST_TOKENS", 2)
    actions.create_bot(ada.user, "second")
    with pytest.raises(Conflict, match="too_many_bots"):
        actions.create_bot(ada.user, "third")
    for _ in range(2):
        token(ada, robot)
    with pytest.raises(Conflict, match="too_many_tokens"):
        token(ada, robot)


def test_abuse_nobody_takes_names_by_making_and_ending_bots(ada, settings):
    """The name of a bot that has ended stays taken."""
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "bots_made": (3, 86_400)}
    for name in ("anna", "bela", "cora"):
        made = ada.client.post("/api/v1/me/bots", {"name": name})
        assert ada.client.delete(f"/api/v1/me/bots/{made.json()['uid']}").status_code == 204
    answer = ada.client.post("/api/v1/me/bots", {"name": "dora"})
    assert (answer.status_code, code(answer)) == (429, "rate")
    assert not User.objects.filter(name="dora").exists()


@pytest.mark.parametrize(("bots", "may"), [("administrators", False), ("nobody", False)])
def test_a_site_says_who_may_make_bots(ada, settings, bots, may):
    settings.BOTS = bots
    assert code(ada.client.post("/api/v1/me/bots", {"name": "robot"})) == "bots_closed"
    root = User.objects.create_superuser("root", PASSWORD)
    if bots == "administrators":
        assert actions.create_bot(root, "robot").is_bot


def test_where_nobody_makes_bots_nobody_makes_tokens_and_those_there_go_on(ada, robot, settings):
    before = token(ada, robot)
    settings.BOTS = "nobody"
    answer = ada.client.post(f"/api/v1/me/bots/{robot.pk}/tokens", {"scopes": ["read"], "days": 1})
    assert (answer.status_code, code(answer)) == (403, "bots_closed")
    assert signed_in(before)["uid"] == robot.pk


def test_the_admin_lists_tokens_without_their_secret_and_revokes_them(ada, robot):
    text = token(ada, robot)
    given = signed_in(text)
    (row,) = BotToken.objects.all()
    root = browser(User.objects.create_superuser("root", PASSWORD))
    for path in ("", f"?q={robot.name}", f"?q={ada.user.name}", f"{row.pk}/change/"):
        page = root.get(f"/admin/accounts/bottoken/{path}")
        assert page.status_code == 200
        shown = page.content.decode()
        assert robot.name in shown
        assert ada.user.name in shown
        assert text.rpartition(".")[2] not in shown
        assert row.secret_hash not in shown
    assert row.pk not in root.get("/admin/accounts/bottoken/?q=nobody").content.decode()
    assert root.get(f"/admin/accounts/bottoken/{row.pk}/delete/").status_code == 200
    root.post(f"/admin/accounts/bottoken/{row.pk}/delete/", {"post": "yes"})
    assert not BotToken.objects.exists()
    assert api(given["access"]).get("/api/v1/me").status_code == 401
    entry = AuditEntry.objects.get(kind="bot.token_revoked")
    assert (entry.account, entry.facts) == (robot.pk, {"token": row.pk})


def test_a_helper_revokes_no_token_of_somebody_with_a_role(ada, robot):
    token(ada, robot)
    (row,) = BotToken.objects.all()
    helper = User.objects.create_user("helper", PASSWORD)
    helper.role = User.HELPER
    helper.save()
    ada.user.role = User.AUDITOR
    ada.user.save()
    address = f"/admin/accounts/bottoken/{row.pk}/delete/"
    assert browser(helper).post(address, {"post": "yes"}).status_code == 403
    ada.user.role = ""
    ada.user.save()
    assert browser(helper).post(address, {"post": "yes"}).status_code == 302
    assert not BotToken.objects.exists()


def test_a_token_of_a_bot_is_no_password_of_anybody(ada, robot):
    with pytest.raises(SignInNeeded):
        actions.sign_in_by_token(token(ada, robot) + "x", NOWHERE)
