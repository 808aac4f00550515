"""JSON texts with one thing wrong: every kind of value at every key, keys twice, keys left out.

A tree is JSON with its numbers and keys as they are written, so that `1.0`, `-0` and a key that
stands twice can be made: objects are lists of (key, tree) pairs.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ODD = (
    "null", "true", "false", "0", "1", "2", "-1", "-0", "1.0", "1e0", "0.5", "1E400",
    "9007199254740991", "9007199254740992", "9007199254740993", "1e30",
    '""', '"x"', '"0"', '"leave"', '"\\u0061"', '"\\ud800"', '"constructor"', '"__proto__"',
    "[]", "[1]", '["leave"]', "[[]]", "{}", '{"a":1}', '{"length":1}',
)  # fmt: skip


@dataclass(frozen=True)
class Raw:
    """JSON text as it stands."""

    text: str


Tree = Any
"""Raw, a list of trees, or a tuple of (key, tree) pairs."""


def tree_of(value: Any) -> Tree:
    if type(value) is dict:
        return tuple((key, tree_of(inner)) for key, inner in value.items())
    if type(value) is list:
        return [tree_of(inner) for inner in value]
    return Raw(json.dumps(value))


def text_of(tree: Tree) -> str:
    if isinstance(tree, Raw):
        return tree.text
    if isinstance(tree, tuple):
        return "{" + ",".join(f"{json.dumps(key)}:{text_of(inner)}" for key, inner in tree) + "}"
    return "[" + ",".join(map(text_of, tree)) + "]"


def mutations(value: Any, pick: random.Random, share: float) -> Iterator[tuple[str, str]]:
    """(what is wrong, JSON text) for a `share` (0 to 1) of all there are. At least one a place."""
    tree = tree_of(value)
    for name, made in _everywhere(tree, pick, share):
        yield name, text_of(made)
    for odd in ODD:
        yield f"the whole is {odd}", odd


def _everywhere(tree: Tree, pick: random.Random, share: float) -> Iterator[tuple[str, Tree]]:
    if isinstance(tree, tuple):
        yield from _of_object(tree, pick, share)
    elif isinstance(tree, list):
        yield "an item more", [*tree, Raw("1")]
        for at, inner in enumerate(tree):
            yield f"[{at}] left out", [*tree[:at], *tree[at + 1 :]]
            for name, made in _at(inner, pick, share):
                yield f"[{at}] {name}", [*tree[:at], made, *tree[at + 1 :]]


def _of_object(tree: Tree, pick: random.Random, share: float) -> Iterator[tuple[str, Tree]]:
    yield "a key more", (*tree, ("x", Raw("1")))
    yield "a prototype", (*tree, ("__proto__", Raw("{}")))
    if len(tree) > 1:
        yield "keys turned round", tuple(reversed(tree))
    for at, (key, inner) in enumerate(tree):
        before, after = tree[:at], tree[at + 1 :]
        yield f"{key} left out", (*before, *after)
        yield f"{key} twice", (*before, (key, inner), (key, inner), *after)
        yield f"{key} twice, null first", (*before, (key, Raw("null")), (key, inner), *after)
        yield f"{key} twice, null last", (*tree, (key, Raw("null")))
        for name, made in _at(inner, pick, share):
            yield f"{key} {name}", (*before, (key, made), *after)


def _at(inner: Tree, pick: random.Random, share: float) -> Iterator[tuple[str, Tree]]:
    odd: list[tuple[str, Tree]] = [(f"is {text}", Raw(text)) for text in ODD]
    odd += [("in an array", [inner]), ("in an object", (("a", inner),))]
    if isinstance(inner, Raw):
        odd += [
            ("with white space", Raw(f" {inner.text}")),
            ("as text", Raw(json.dumps(inner.text))),
        ]
        if inner.text.isdigit():
            odd += [("as a float", Raw(f"{inner.text}.0")), ("as a power", Raw(f"{inner.text}e0"))]
    yield from pick.sample(odd, max(1, round(share * len(odd))))
    yield from _everywhere(inner, pick, share)
