"""Answers one request. Decrypted messages exist in memory only; between tries, finished parts are
stored sealed under the request's own key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db.models import F

from summaries.access import still_allowed
from summaries.actions import end, is_spent
from summaries.models import Spending, SummaryRequest
from summaries.worker.engines.base import Engine, Failed, Text
from summaries.worker.envelopes import Line, Opened, open_ask, open_box, seal_answer, seal_box
from summaries.worker.keys import WorkerKey

NOT_ALLOWED = ("not_allowed", "The room's rules or its members have changed meanwhile.")
OTHER_MODEL = ("other_model", "The worker has another model now. Look at it, and ask again.")
NOT_DISCLOSED = ("undisclosed", "The request holds messages that the room's log does not name.")
TOO_LONG = ("too_long", "That is more than the worker takes at once. Choose a shorter range.")
SPENT = ("spent", "This room has had its summaries for today. Try again tomorrow.")
FEW = 2  # messages


class Gone(Exception):
    """Cancelled, forgotten, or ended by another worker."""


class Job:
    def __init__(self, request: SummaryRequest, key: WorkerKey, engine: Engine) -> None:
        self._request = request
        self._key = key
        self._engine = engine

    def run(self) -> None:
        """Bring the request to `done`; Failed, Unreadable or Gone."""
        request = self._request
        asked = open_ask(
            self._key,
            rid=request.id,
            room=request.room,
            uid=request.user_id,
            ek=request.sealed_key,
            box=request.box,
        )
        self._check(asked)
        parts = list(_parts(asked.lines, self._engine.part))
        text = self._text(asked, parts)
        answer = seal_answer(asked.reply, request.id, text, self._engine.model)
        if not end(request, SummaryRequest.DONE, "", "", answer):
            raise Gone

    def _check(self, asked: Opened) -> None:
        """Check that the model sees what the room's log says: no other messages, and no other model
        than the asker saw.
        """
        if asked.model != self._engine.model:
            raise Failed(*OTHER_MODEL)
        if len(asked.lines) > settings.SUMMARY_MOST_MESSAGES:
            raise Failed(*TOO_LONG)
        first, last = self._request.first, self._request.last
        if any(not first <= line.seq <= last for line in asked.lines):
            raise Failed(*NOT_DISCLOSED)
        if sum(bool(line.text.strip()) for line in asked.lines) < FEW:
            raise Failed("too_few", "There are too few messages to summarise.")

    def _text(self, asked: Opened, parts: Sequence[Sequence[Line]]) -> str:
        merging = len(parts) > 1
        done = self._partial(asked.key)
        self._note(asked.key, done, len(parts) + merging)
        for part in parts[len(done) :]:
            self._before_spending()
            done.append(self._paid(self._engine.summarise(part, asked.lang, asked.earlier)))
            self._note(asked.key, done, len(parts) + merging)
        if not merging:
            return done[0]
        self._before_spending()
        return self._paid(self._engine.merge(done, asked.lang))

    # --- between tries -----------------------------------------------------------------------

    def _partial(self, key: bytes) -> list[str]:
        with suppress(InvalidTag, ValueError):
            if self._request.partial:
                plain = open_box(key, "partial", self._context, self._request.partial)
                return [str(one) for one in json.loads(plain)]
        return []

    def _note(self, key: bytes, done: list[str], total: int) -> None:
        """Store the progress. Raises Gone if the request was cancelled or has ended."""
        moved = (
            SummaryRequest.objects.filter(pk=self._request.pk)
            .exclude(state__in=SummaryRequest.ENDED)
            .update(
                state=SummaryRequest.WORKING,
                code="",
                detail="",
                done=len(done),
                total=total,
                partial=seal_box(key, "partial", self._context, json.dumps(done).encode()),
                moved_at=datetime.now(UTC),
            )
        )
        if not moved:
            raise Gone

    @property
    def _context(self) -> dict[str, object]:
        return {"v": 1, "rid": self._request.id}

    # --- what it costs -----------------------------------------------------------------------

    def _before_spending(self) -> None:
        if not still_allowed(self._request):
            raise Failed(*NOT_ALLOWED)
        if is_spent(self._request.room):
            raise Failed(*SPENT)

    def _paid(self, text: Text) -> str:
        if text.tokens:
            today = datetime.now(UTC).date()
            row, _ = Spending.objects.get_or_create(room=self._request.room, day=today)
            Spending.objects.filter(pk=row.pk).update(
                tokens=F("tokens") + text.tokens, cost=F("cost") + text.cost
            )
        return text.text


def _parts(lines: Sequence[Line], size: int) -> Iterator[list[Line]]:
    """Runs of messages of about so many characters. A longer message is cut."""
    part: list[Line] = []
    length = 0
    for line in lines:
        text = line.text[:size]
        if part and length + len(text) > size:
            yield part
            part, length = [], 0
        part.append(Line(line.seq, line.name, line.ts, text))
        length += len(text) + len(line.name) + 30
    if part:
        yield part
