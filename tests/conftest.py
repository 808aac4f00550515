"""Fixtures that every part uses: the cast, and a limiter that starts empty."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings as hypothesis_settings

hypothesis_settings.register_profile("default", max_examples=50, deadline=None)
hypothesis_settings.register_profile("slow", max_examples=2000, deadline=None)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("SOTTO_SLOW") != "1":
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="takes minutes; `make slow` runs it"))


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    from django.core.cache import caches

    from chatsite.lib import ratelimit

    yield
    for cache in caches.all():  # those of forms
        cache.clear()
    ratelimit.get_limiter().forget()
    ratelimit.here.forget()


def _person(name: str):
    from tests.base import person

    return person(name)


@pytest.fixture
def ada(db):
    return _person("ada")


@pytest.fixture
def ben(db):
    return _person("ben")


@pytest.fixture
def cleo(db):
    return _person("cleo")


@pytest.fixture
def people(ada, ben, cleo):
    """Everybody, with published identities."""
    return [someone.publish() for someone in (ada, ben, cleo)]
