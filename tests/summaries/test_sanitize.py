"""What a model writes, made harmless."""

from __future__ import annotations

import pytest

from summaries.worker.sanitize import plain, quoted


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("two\r\nlines", "two\nlines"),
        ("![](https://evil.example/x.png)", "(evil.example)"),
        ("![cat](data:image/png;base64,AAAA)", "cat (link)"),
        ("see [the plan](https://evil.example/?q=secret)", "see the plan (evil.example)"),
        ("see https://evil.example/?q=secret now", "see (evil.example) now"),
        ("see www.evil.example/secret", "see (www.evil.example)"),
        ("javascript:alert(1)", "(link)"),
        ("a Vec<String> in __init__.py, `x` **so**", "a Vec<String> in __init__.py, `x` **so**"),
        ("a<b and c>d", "a<b and c>d"),
        ("# Title\n> quoted\n* one", "# Title\n> quoted\n* one"),
        ("call items[0](name) and f[](x)", "call items[0](name) and f[](x)"),
        ("a\u202eb\u200bc\x1b[31m", "abc[31m"),
        ("one\n\n\n\n\ntwo", "one\n\ntwo"),
        ("see https:/\u200b/evil.example/?q=secret", "see (evil.example)"),
        ("x_https://evil.example/?q=secret", "x_(evil.example)"),
        (
            "[a](https://evil.example/[b](https://evil.example/?q=secret))",
            "[a]((evil.example) (evil.example))",
        ),
        ("metadata:none", "metadata:none"),
    ],
)
def test_only_what_carries_something_away_is_left_out(written, shown):
    assert plain(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a Vec<String> in __init__.py", "a Vec<String> in __init__.py"),
        ("# Title\n> said **so** `x`", "# Title\n> said **so** `x`"),
        ("see https://a.example/x?q=secret.", "see (a.example)."),
        ("看 https://a.example/x，谢谢", "看 (a.example)，谢谢"),
        ("(https://a.example/y_(z)) «https://b.example»", "((a.example)) «(b.example)»"),
        ("[here](https://a.example/q) ![c](www.b.example/c)", "here (a.example) c (www.b.example)"),
        ("`https://a.example` https://... www.", "`(a.example)` (link)... www."),
        ("https://a.example/" + ")" * 9000, "(a.example)" + ")" * 9000),
        ("x_https://ada:pw@a.example:8000/", "x_(a.example)"),
        ("www.a.example/x", "(www.a.example)"),
        ("javascript:alert(1)", "(link)"),
        ("a\u202eb\x1b[31m", "ab[31m"),
    ],
)
def test_members_own_words_stay_as_they_were_written(written, shown):
    assert quoted(written) == shown


@pytest.mark.parametrize("again", ["[", "![", "[](", "<a", "a.", "a-b+", "**", "> ", "# ", "\n"])
def test_a_text_of_brackets_alone_does_not_hold_the_worker(again):
    """Where each letter were looked at for each other, this would take most of an hour."""
    assert len(plain(again * 200_000)) <= 200_000 * len(again)
