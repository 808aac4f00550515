"""`make dev` serves as `make run` does, and again when a file changes."""

from __future__ import annotations

import subprocess
import sys

import httpx2
import pytest

from tests.dev import DevServer, wait_for
from tests.live import START_WITHIN, free_port

PAGE = "templates/home.html"
MODULE = "chatsite/web/error_views.py"
FINISHED = "Finished server process"
pytestmark = pytest.mark.slow  # tests/demo starts `make dev`, too
HEADING, OTHER = "Every room is encrypted", "Nobody but you can read it"


def refused(site: DevServer, **environment: str) -> subprocess.CompletedProcess[str]:
    """What `manage.py dev` says that ends by itself."""
    return subprocess.run(
        [sys.executable, "manage.py", "dev"],
        cwd=site.root,
        env={**site.environment, **environment},
        capture_output=True,
        text=True,
        timeout=START_WITHIN,
    )


def answers(site: DevServer) -> bool:
    """Whether it answers; between two processes, the next one does."""
    return httpx2.get(f"{site.url}/readyz", timeout=START_WITHIN).status_code == 200


def test_a_changed_module_starts_the_server_again(dev_site):
    before = dev_site.log.read_text().count(FINISHED)
    dev_site.change(MODULE, '"""', '"""Changed. ', most=1)
    wait_for(dev_site, lambda: dev_site.log.read_text().count(FINISHED) > before)
    assert answers(dev_site), "the socket listens while nobody serves"


def test_a_syntax_error_waits_to_be_mended(dev_site):
    before = dev_site.log.read_text().count("SyntaxError")
    dev_site.change(MODULE, "def not_found", "deaf not_found")
    wait_for(dev_site, lambda: dev_site.log.read_text().count("SyntaxError") > before)
    dev_site.change(MODULE, "deaf not_found", "def not_found")
    assert answers(dev_site)


def test_a_changed_template_shows_without_a_restart(dev_site):
    before = dev_site.log.read_text().count(FINISHED)
    assert HEADING in httpx2.get(dev_site.url).text
    dev_site.change(PAGE, HEADING, OTHER)
    assert OTHER in httpx2.get(dev_site.url).text
    dev_site.change(PAGE, OTHER, HEADING)
    assert HEADING in httpx2.get(dev_site.url).text
    assert dev_site.log.read_text().count(FINISHED) == before


def test_it_refuses_as_make_run_does(dev_site):
    """What is wrong from the beginning ends it: no change of a file would mend it."""
    done = refused(dev_site, PORT=str(free_port()), PUBLIC_URL="https://chat.example.org")
    assert done.returncode == 78, done.stderr
    assert "DEBUG is on for a public address" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_said_in_one_line(dev_site):
    done = refused(dev_site)
    assert done.returncode == 1
    assert done.stderr.startswith(f"CommandError: Port {dev_site.port} is taken.")
