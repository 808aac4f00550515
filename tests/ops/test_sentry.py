"""What leaves the site when something fails: kinds and places."""

from __future__ import annotations

import gzip
import json
import logging
import subprocess
import sys

import brotli
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from chatsite.ops.logs import formatter, where
from tests.live import ROOT

UNPACKED = {"gzip": gzip.decompress, "br": brotli.decompress}
FAILING = """
import django; django.setup()
import sentry_sdk
secret = "canary-local"
def fail(body):
    raise ValueError("canary-words " + body)
try:
    fail("canary-argument")
except ValueError:
    sentry_sdk.capture_exception()
import logging
logging.getLogger("x").error("canary-logged %s", "canary-parameter")
sentry_sdk.flush(5)
"""


@pytest.mark.slow
def test_canary_sentry_hears_of_what_kind_and_where_and_nothing_else(tmp_path):
    heard: list[bytes] = []

    def take(request: Request) -> Response:
        raw = request.get_data()
        heard.append(UNPACKED.get(request.headers.get("Content-Encoding", ""), bytes)(raw))
        return Response("{}")

    with HTTPServer() as intake:
        intake.expect_request("/api/1/envelope/").respond_with_handler(take)
        dsn = intake.url_for("/1").replace("http://", "http://key@")
        subprocess.run(
            [sys.executable, "-c", FAILING],
            cwd=ROOT,
            env={
                "PATH": "/usr/bin",
                "DJANGO_SETTINGS_MODULE": "chatsite.settings",
                "SENTRY_DSN": dsn,
                "SOTTO_DATA": str(tmp_path),
            },
            check=True,
            capture_output=True,
            timeout=60,
        )
    sent = b"\n".join(heard)
    assert b"ValueError" in sent, "the test sees what is sent"
    assert b'"function":"fail"' in sent
    assert b"canary" not in sent


def test_canary_a_traceback_in_the_log_has_no_words_of_the_exception():
    words = "-".join(["canary", "words"])
    try:
        try:
            raise ValueError(words)
        except ValueError as inner:
            raise RuntimeError(words) from inner
    except RuntimeError as error:
        told = where(error)
        record = logging.LogRecord(
            "x", logging.ERROR, "f", 1, "it failed", None, (RuntimeError, error, None)
        )
    assert "builtins.ValueError" in told
    assert "builtins.RuntimeError" in told
    assert told.count(f'File "{__file__}"') >= 2
    for json_ in (True, False):
        options = formatter(json=json_)
        line = options.pop("()")(**options).format(record)
        assert "RuntimeError" in line
        assert "canary-" not in line.replace(told, "").replace(
            'raise ValueError("canary-inner")', ""
        )
        if json_:
            assert json.loads(line)["event"] == "it failed"
