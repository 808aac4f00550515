"""Reports of policy violations: counted by directive, bounded, and nothing of them is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from chatsite.lib import metrics
from chatsite.web.content_policies import REPORTS
from chatsite.web.policy_reports import MOST, MOST_REPORTS

pytestmark = pytest.mark.django_db
CANARY = "https://chat.example.org/rooms/canary/#canary"


def counted(directive: str) -> float:
    name = "sotto_policy_violations_total"
    return metrics.registry.get_sample_value(name, {"directive": directive}) or 0.0


def by_reporting_api(directive: str) -> dict[str, Any]:
    body = {"effectiveDirective": directive, "documentURL": CANARY, "sample": "canary"}
    return {"type": "csp-violation", "url": CANARY, "body": body, "user_agent": "canary"}


def post(sent: Any, kind: str = "application/reports+json", **meta: str) -> int:
    text = sent if isinstance(sent, (str, bytes)) else json.dumps(sent)
    answer = Client(enforce_csrf_checks=True, **meta).post(REPORTS, text, content_type=kind)  # type: ignore[arg-type]
    return answer.status_code


def test_both_kinds_of_reports_are_counted_by_directive():
    before = counted("script-src-elem"), counted("img-src")
    assert post([by_reporting_api("script-src-elem"), by_reporting_api("img-src")]) == 204
    old = {"csp-report": {"document-uri": CANARY, "effective-directive": "img-src"}}
    assert post(old, "application/csp-report") == 204
    assert (counted("script-src-elem"), counted("img-src")) == (before[0] + 1, before[1] + 2)


def test_abuse_words_of_a_report_become_no_labels_and_no_lines(caplog):
    before = counted("other")
    assert post([by_reporting_api("canary"), by_reporting_api("connect-src")]) == 204
    assert counted("other") == before + 1
    assert "policy.violated directive=connect-src" in caplog.text
    exposed = "".join(str(family.samples) for family in metrics.registry.collect())
    assert "canary" not in caplog.text + exposed


def test_abuse_one_line_a_minute_is_enough(caplog):
    for _ in range(10):
        post([by_reporting_api("font-src")] * 5)
    assert caplog.text.count("directive=font-src") == 1


@pytest.mark.parametrize(
    ("sent", "kind", "status"),
    [
        ("{", "application/reports+json", 400),
        ("[" * 10_000, "application/reports+json", 400),
        ('["x"]', "application/reports+json", 400),
        ('[{"body": 1}]', "application/reports+json", 400),
        ("null", "application/csp-report", 400),
        (b"\xff\xfe", "application/csp-report", 400),
        ("[]", "text/plain", 400),
        ("[]", "application/reports+json", 204),
        ("x" * (MOST + 1), "application/reports+json", 413),
    ],
)
def test_abuse_what_no_browser_sends_is_refused(sent, kind, status):
    assert post(sent, kind) == status


def test_abuse_a_flood_is_bounded(settings):
    before = counted("media-src") + counted("other")
    post([by_reporting_api("nothing")] * (MOST_REPORTS + 30))
    assert counted("media-src") + counted("other") == before + MOST_REPORTS
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "policy_reports": (2, 60)}
    found = [post([], REMOTE_ADDR="192.0.2.9") for _ in range(3)]
    assert found == [204, 204, 429]


def test_only_posts_are_taken(client):
    assert client.get(REPORTS).status_code == 405


# --- the headers that lead there, and those that keep other origins out ---


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/api/v1/me", "/admin/login/", "/no/"])
def test_every_answer_keeps_other_origins_out(client, path):
    answer = client.get(path)
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/admin/login/"])
def test_policies_say_where_to_report(client, path):
    assert f"report-uri {REPORTS}" in client.get(path)["Content-Security-Policy"]
