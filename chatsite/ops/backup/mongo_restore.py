"""MongoDB's part of a restore: documents are written to collections of other names, which are
then exchanged with the site's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from chatsite.ops.backup import mongo
from chatsite.ops.backup.manifest import Manifest
from chatsite.ops.backup.mongo import Document
from chatsite.ops.backup.places import REPLACED, RESTORING

AT_ONCE = 1000
"""Documents in one insert."""


def name_of(kind: str, stamp: str, collection: str) -> str:
    """The dot keeps it out of later backups."""
    return f"{kind}_{stamp.lower()}.{collection}"


def present() -> list[str]:
    """The site's collections."""
    return sorted(name for name in mongo.database().list_collection_names() if "." not in name)


def prepare(folder: Path, manifest: Manifest, stamp: str, unsearched: set[str]) -> None:
    """Write the backup's documents beside the site's.

    Args:
        unsearched: rooms whose messages must have no search tokens.
    """
    kept = _keeper(manifest, unsearched)
    for collection in manifest.collections:
        target = mongo.database()[name_of(RESTORING, stamp, collection)]
        found = (kept(collection, one) for one in mongo.documents(folder, collection))
        for batch in _batches(one for one in found if one is not None):
            target.insert_many(batch, ordered=False)


def discard() -> None:
    """Drop whatever a restore prepared and did not exchange."""
    database = mongo.database()
    for name in database.list_collection_names():
        if name.startswith(f"{RESTORING}_"):
            database.drop_collection(name)


def swap(stamp: str, replacing: list[str], collections: list[str]) -> None:
    """Put the prepared collections where the site's are, and keep those. It can be called again
    after it was interrupted anywhere.
    """
    database = mongo.database()
    here = set(database.list_collection_names())
    for name in replacing:
        kept = name_of(REPLACED, stamp, name)
        if kept not in here:
            database[name].rename(kept)
    for name in collections:
        prepared = name_of(RESTORING, stamp, name)
        if prepared in here:
            database[prepared].rename(name)


def _keeper(manifest: Manifest, unsearched: set[str]) -> Callable[[str, Document], Document | None]:
    """Leaves out what the database, which was read later, no longer has."""
    dropped = set(manifest.dropped)

    def kept(collection: str, one: Document) -> Document | None:
        room = one.get("room")
        if room in dropped:
            return None
        if collection == mongo.MESSAGES and room in unsearched:
            return {key: value for key, value in one.items() if key not in ("tokens", "g", "tv")}
        if collection == mongo.SUMMARIES and one["last"] > manifest.newest.get(str(room), 0):
            return None  # over messages that came later
        return one

    return kept


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    left = iter(documents)
    while batch := list(islice(left, AT_ONCE)):
        yield batch
