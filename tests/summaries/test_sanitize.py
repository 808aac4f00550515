"""What a model writes, made harmless."""

from __future__ import annotations

import pytest

from summaries.worker.sanitize import plain, quoted


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("two\r\nlines", "two\nlines"),
        ("![](https://evil.example/x.png)", ""),
        ("![cat](data:image/png;base64,AAAA)", "cat"),
        ("see [the plan](https://evil.example/?q=secret)", "see the plan"),
        ("see https://evil.example/?q=secret now", "see (link) now"),
        ("see www.evil.example", "see (link)"),
        ("javascript:alert(1)", "(link)"),
        ("<img src=x onerror=alert(1)>hello", "hello"),
        ("# Title\n> quoted **bold** `code`", "Title\nquoted bold code"),
        ("* one\n* two", "- one\n- two"),
        ("a\u202eb\u200bc\x1b[31m", "abc[31m"),
        ("one\n\n\n\n\ntwo", "one\n\ntwo"),
        ("a < b and c > d", "a < b and c > d"),
        ("see https:/\u200b/evil.example/?q=secret", "see (link)"),
        ("see ht**tps:/**/evil.example", "see (link)"),
        ("see https:/<b>/evil.example", "see (link)"),
        ("3 * 4 = 12, snake_case stays", "3 * 4 = 12, snake_case stays"),
        ("x_https://evil.example/?q=secret", "x_(link)"),
        ("metadata:none", "metadata:none"),
    ],
)
def test_only_plain_text_is_left(written, shown):
    assert plain(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a Vec<String> in __init__.py", "a Vec<String> in __init__.py"),
        ("# Title\n> said **so** `x`", "# Title\n> said **so** `x`"),
        ("see https://a.example/x?q=secret.", "see (a.example)"),
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
