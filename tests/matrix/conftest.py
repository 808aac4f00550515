"""The cast of a module: made once, in a transaction that is never committed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from django.conf import settings

from messaging.store import get_store
from tests.matrix.cast import Cast, assemble, undone


@pytest.fixture(scope="module")
def cast(django_db_setup, django_db_blocker) -> Iterator[Cast]:
    get_store.cache_clear()
    with django_db_blocker.unblock(), undone():
        yield assemble()
    get_store.cache_clear()
    shutil.rmtree(settings.DATA_DIR / "files", ignore_errors=True)
