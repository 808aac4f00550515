"""The admin's list of messages: counts, whichever engine keeps them."""

from __future__ import annotations

import re
import secrets

import pytest

from accounts.models import User
from messaging.store import get_store
from tests.accounts.signed_in import browser
from tests.base import PASSWORD, create_room
from tests.messaging.senders import new_message

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["embedded", "mongo"])
def store(request, settings):
    if request.param == "mongo":
        options = {"url": request.getfixturevalue("mongo"), "database": f"t_{secrets.token_hex(6)}"}
        backend = "messaging.store.mongo.store.MongoStore"
        settings.MESSAGE_STORE = {"BACKEND": backend, "OPTIONS": options}
        get_store.cache_clear()
    get_store().prepare()
    return get_store()


def test_fault_the_list_counts_messages_under_every_engine(
    store, people, django_assert_max_num_queries
):
    ada, *_ = people
    room, empty = create_room(ada).id, create_room(ada, bytes([1] * 16)).id
    store.append([new_message(n, room=room) for n in range(1, 6)])
    root = browser(User.objects.create_superuser("root", PASSWORD))
    with django_assert_max_num_queries(15):
        page = root.get("/admin/messaging/roommessages/")
    assert page.status_code == 200
    text = page.content.decode()
    for name, count in ((room, 5), (empty, 0)):
        row = re.search(rf"<tr>(?:(?!</tr>).)*{name}.*?</tr>", text, re.S)
        assert row is not None
        assert f'field-messages">{count}<' in row[0]
    for path in (f"{room}/delete/", "add/"):
        assert root.get(f"/admin/messaging/roommessages/{path}").status_code == 403
