"""Of how many queries a message is found as people expect: `python -m benchmarks.query_cases`.

`query_cases.json` has, by kind, a message, a query, and whether it should be found, in some 30
languages; written for this, and none of them is a vector (tests/vectors/finding.py has those).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

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
        fit = Matcher(parse_query(query)).fit(read(text))
        if (fit is not None and fit.tier in (Tier.EXACT, Tier.FORMS)) != expected:
            wrong.append((text, query, expected))
    return wrong


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
