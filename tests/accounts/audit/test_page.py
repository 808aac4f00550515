"""The page of the audit log in the admin."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.audit.recording import record
from accounts.models import AuditEntry, User
from tests.accounts.signed_in import browser
from tests.base import make_user

pytestmark = pytest.mark.django_db
PAGE = "/admin/accounts/auditentry/"
ROOM, GONE = "a" * 32, "b" * 32


@pytest.fixture
def auditor() -> Client:
    return browser(User.objects.create_user("auditor", role=User.AUDITOR))


@pytest.fixture
def zoe() -> User:
    zoe = make_user("zoe")
    record("room.join", by=zoe, account=zoe, room=ROOM, seq=7)
    record("room.leave", by=GONE, account=GONE, room=ROOM, seq=8)
    record("report.made", by=zoe, account=GONE, room=ROOM, report="c" * 32, to="site")
    record("sign_in", by=zoe, network="198.51.100.0/24", how="password")
    return zoe


def listed(client: Client, query: str = "") -> list[str]:
    """The kinds in the list, the newest first."""
    page = client.get(PAGE + query)
    assert page.status_code == 200
    return [entry.kind for entry in page.context["cl"].result_list]


def test_entries_are_filtered_and_found_by_account_and_room(auditor, zoe):
    assert listed(auditor, "?kind__exact=room.leave") == ["room.leave"]
    assert listed(auditor, "?q=ZOE")[:3] == ["sign_in", "report.made", "room.join"]
    assert listed(auditor, f"?q={GONE}") == ["report.made", "room.leave"]
    assert listed(auditor, f"?q={ROOM}") == ["report.made", "room.leave", "room.join"]
    assert listed(auditor, "?q=198.51.100.0/24") == ["sign_in"]
    assert listed(auditor, "?q=zo") == []
    assert "sign_in" in listed(auditor, "?at__gte=2020-01-01+00:00:00%2B00:00")


def test_the_list_has_names_and_short_ids_and_an_entry_has_them_whole(auditor, zoe):
    page = auditor.get(PAGE).content.decode()
    assert '<td class="field-acted">zoe</td>' in page
    assert f'<td class="field-acted">{GONE[:8]}…</td>' in page, "an account that is gone"
    assert '<td class="field-where">aaaaaaaa… #7</td>' in page
    assert "report=cccccccc… to=site" in page
    assert "198.51.100.0/24 how=password" in page
    entry = AuditEntry.objects.get(kind="report.made")
    page = auditor.get(f"{PAGE}{entry.pk}/change/").content.decode()
    for whole in (ROOM, GONE, zoe.pk, "c" * 32):
        assert whole in page


def test_a_long_list_takes_a_constant_number_of_queries(
    auditor, zoe, django_assert_max_num_queries
):
    with django_assert_max_num_queries(20) as first:
        auditor.get(PAGE)
    for _ in range(30):
        record("room.join", by=zoe, account=zoe, room=ROOM, seq=9)
    with django_assert_max_num_queries(len(first)):
        auditor.get(PAGE)


def test_nothing_is_changed_here(auditor, zoe):
    entry = AuditEntry.objects.latest("pk")
    assert auditor.post(f"{PAGE}{entry.pk}/change/", {"kind": "x"}).status_code == 403
    assert auditor.post(f"{PAGE}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
