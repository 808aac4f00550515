"""Of how many queries a message is found as people expect: `python -m benchmarks.query_cases`.
It is found if its text fits and the tokens that are asked for bring it.

`query_cases.json` has, by kind, a message, a query, and whether it should be found, in some 30
languages; written for this, and none of them is a vector (tests/vectors/finding.py has those).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sotto.protocol.search_match import Matcher

HERE = Path(__file__).resolve().parent
CASES = HERE / "query_cases.json"

Case = tuple[str, str, bool]


def unmet(cases: Sequence[Case]) -> list[Case]:
    """The cases that are not as expected."""
    from sotto.protocol.search_match import Matcher, Tier
    from sotto.protocol.search_query import parse_query
    from sotto.protocol.search_text import read

    wrong = []
    for text, query, expected in cases:
        matcher = Matcher(parse_query(query))
        fit = matcher.fit(read(text))
        tier = fit.tier if fit is not None else None
        found = tier in (Tier.EXACT, Tier.NEAR, Tier.FORMS)
        if (found and is_reached(text, matcher, forms=tier == Tier.FORMS)) != expected:
            wrong.append((text, query, expected))
    return wrong


def is_reached(text: str, matcher: Matcher, *, forms: bool) -> bool:
    """True if what is asked for a query brings a message with this text: its tokens have all terms
    of one clause, or there are none and a device reads all messages.
    """
    from sotto.protocol import search_tokens as version_1
    from sotto.protocol.search_asking import clauses
    from sotto.protocol.search_terms import terms

    having = {*terms(text), *version_1.terms(text)}
    asked = [clauses(matcher, loose=forms, older=older) for older in (False, True)]
    return all(not sets or any(having.issuperset(one) for one in sets) for sets in asked)


def main() -> None:
    sys.path.insert(0, str(HERE.parent / "client"))
    kinds: Mapping[str, list[Case]] = json.loads(CASES.read_text("utf-8"))
    met = total = 0
    for kind, cases in kinds.items():
        wrong = unmet(cases)
        met += len(cases) - len(wrong)
        total += len(cases)
        print(f"{kind}: {len(cases) - len(wrong)} of {len(cases)}")
        for text, query, expected in wrong:
            print(f"  {query!r} {'does not find' if expected else 'finds'} {text!r}")
    print(f"together: {met} of {total}")


if __name__ == "__main__":
    main()
