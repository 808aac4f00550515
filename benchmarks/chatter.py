"""Messages that nobody wrote, with the tokens of real ones: a made-up language of 50,000 words.

Words are as frequent as Zipf's law has it, which English follows closely once its most frequent
words are dropped, and begin alike, so that beginnings are shared. The ciphertext and the header
are noise of the usual length. The same seed makes the same messages.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterator
from itertools import accumulate, product

from chatsite.lib import wire
from messaging.store.base import NewMessage
from sotto.protocol.search_tokens import STEP, terms, token

WORDS = 50_000
LATER = 2.7  # of Zipf and Mandelbrot's law: weight 1 / (rank + LATER)
MEAN_WORDS = 6.4  # in a message
MOST_WORDS = 60
SENDERS = 50
HEADER = "h" * 430
SYLLABLES = ["".join(part) for part in product("bdfgklmnprstv", "aeiou", ["", "n", "r", "s"])]


class Chatter:
    """`said[word]`: the numbers of the messages that have a word, as they were drafted."""

    def __init__(self, room: str, *, e: int = 1, seed: int = 1, words: int = WORDS) -> None:
        self.room = room
        self.said: dict[str, array[int]] = {}
        self._e = e
        self.dice = random.Random(seed)  # noqa: S311 (no secret)
        self.key = self.dice.randbytes(32)
        self._words = self._make_words(words)
        self._weights = list(accumulate(1 / (rank + LATER) for rank in range(1, words + 1)))
        self._tokens: dict[str, list[int]] = {}
        self._last: dict[int, tuple[int, str]] = {}
        self._seq = 0

    def _make_words(self, many: int) -> list[str]:
        """Distinct ones, by frequency: shorter ones come first."""
        found: dict[str, None] = {}
        while len(found) < many:
            size = 2 + (len(found) > many // 50) + (self.dice.random() < 0.3)
            found["".join(self.dice.choices(SYLLABLES, k=size))] = None
        return list(found)

    def token(self, term: str) -> int:
        """The token of a term: `w:` and a word, or `p:` and a beginning."""
        return token(self.key, term)

    def saying(self, term: str) -> set[int]:
        """The messages that have a word, or one with such a beginning."""
        kind, _, text = term.partition(":")
        if kind == "w":
            return set(self.said.get(text, ()))
        return {seq for word, seqs in self.said.items() if word.startswith(text) for seq in seqs}

    def frequent(self, many: int) -> list[str]:
        return self._words[:many]

    def rare(self) -> list[str]:
        """Words that were said, of the rarer half of those that were."""
        return sorted(self.said, key=lambda word: len(self.said[word]))[: len(self.said) // 2]

    def new_messages(self, many: int) -> Iterator[NewMessage]:
        for _ in range(many):
            self._seq += 1
            yield self._draft()

    def some_words(self) -> list[str]:
        """Those of one message, distinct."""
        size = min(MOST_WORDS, 1 + int(self.dice.expovariate(1 / (MEAN_WORDS - 0.5))))
        chosen = self.dice.choices(self._words, cum_weights=self._weights, k=size)
        return list(dict.fromkeys(chosen))

    def _draft(self) -> NewMessage:
        dice, chosen = self.dice, self.some_words()
        for word in chosen:
            self.said.setdefault(word, array("I")).append(self._seq)
        sender = dice.randrange(SENDERS)
        n, before = self._last.get(sender, (0, ""))
        mid = wire.b64(dice.randbytes(32))
        self._last[sender] = n + 1, mid
        return NewMessage(
            room=self.room,
            uid=f"{sender:032x}",
            device=f"{sender:032x}",
            chain_number=n + 1,
            previous_id=before,
            client_message_id=f"{dice.getrandbits(128):032x}",
            epoch=self._e,
            message_id=mid,
            header=HEADER,
            iv=wire.b64(dice.randbytes(12)),
            ciphertext=wire.b64(dice.randbytes(144)),
            signature=wire.b64(dice.randbytes(64)),
            stored_ms=1_700_000_000_000 + self._seq * 1000,
            generation=1,
            tokens=self._tokens_of(chosen),
        )

    def _tokens_of(self, chosen: list[str]) -> tuple[int, ...]:
        """As `sotto.protocol.search_tokens.tokens_for` makes them, each word's once."""
        found: set[int] = set()
        for word in chosen:
            if word not in self._tokens:
                self._tokens[word] = [token(self.key, term) for term in terms(word)]
            found.update(self._tokens[word])
        size = -(-len(found) // STEP) * STEP
        while len(found) < size:
            found.add(self.dice.getrandbits(24))
        return tuple(sorted(found))
