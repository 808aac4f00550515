"""The contract of every message store: which message has which file."""

from __future__ import annotations

import pytest

from chatsite.lib import wire
from messaging.files.claims import Claims
from messaging.files.models import File
from messaging.store.base import Appended, Rejected
from tests.messaging.engines import MONGO_IF_SLOW
from tests.messaging.senders import ROOM, UID, new_message

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("engine", MONGO_IF_SLOW, indirect=True),
]
FID, OTHER, THIRD = "e" * 32, "f" * 32, "0" * 32


@pytest.fixture
def files(store):
    """Two of UID's in ROOM, one of somebody else's."""
    for fid, uploader in ((FID, UID), (OTHER, UID), (THIRD, "c" * 32)):
        about = {"size": 16, "sha256": wire.b64(bytes(32)), "reserved_ms": 1}
        File.objects.create(
            room=ROOM, file_id=fid, uploader=uploader, content=f"{ROOM}/{fid}", **about
        )
    return store


def bad(*fids: str) -> Rejected:
    return Rejected("bad_files", {"files": list(fids)})


def of_messages() -> dict[str, int | None]:
    return dict(File.objects.exclude(message=None).values_list("file_id", "message"))


def test_files_are_stored_with_their_message(files):
    assert files.append([new_message(1, files=(OTHER, FID))]) == [Appended(1)]
    assert files.page(ROOM)[0].files == (OTHER, FID)
    assert files.stored(ROOM, 1).as_dict()["files"] == [OTHER, FID]
    assert of_messages() == {FID: 1, OTHER: 1}


def test_in_one_batch_the_first_message_has_the_file(files):
    outcomes = files.append([new_message(1, files=(FID,)), new_message(2, files=(FID, OTHER))])
    assert outcomes == [Appended(1), bad(FID)]
    assert of_messages() == {FID: 1}
    assert files.append([new_message(2, files=(OTHER,))]) == [Appended(2)]


def test_two_processes_do_not_claim_one_file(files, monkeypatch):
    """The other one has claimed it right after this one looked."""
    File.objects.filter(file_id=FID).update(message=77)
    look, looks = Claims.missing, []

    def missing(claims, message):
        looks.append(message)
        return look(claims, message) if len(looks) > 1 else []

    monkeypatch.setattr(Claims, "missing", missing)
    assert files.append([new_message(1, files=(FID,))]) == [bad(FID)]
    assert len(looks) > 1
    assert files.page(ROOM) == []


def test_a_message_refused_for_its_files_erases_nothing(files):
    files.append([new_message(1)])
    assert files.append([new_message(2, erase=(1,), files=(THIRD,))]) == [bad(THIRD)]
    assert files.page(ROOM)[0].ciphertext
    assert files.append([new_message(2, erase=(9,), files=(FID,))]) == [Rejected("bad_erase")]
    assert of_messages() == {}


def test_a_message_and_its_erasure_in_one_batch_leave_no_file(files):
    assert files.append([new_message(1, files=(FID,)), new_message(2, erase=(1,))])
    assert set(File.objects.values_list("file_id", flat=True)) == {OTHER, THIRD}
    assert files.page(ROOM)[0].files == ()
