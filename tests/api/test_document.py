"""The OpenAPI document and the page that shows it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

pytestmark = pytest.mark.django_db

ALWAYS = {"400", "406", "408", "411", "413", "429", "500", "503"}


@pytest.fixture
def document(client):
    return client.get("/api/v1/schema").json()


def operations(document):
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            yield f"{method.upper()} {path}", one


def test_every_operation_has_a_tag_a_name_and_a_way_to_sign_in(document):
    found = dict(operations(document))
    assert len(found) > 50
    names = [one["operationId"] for one in found.values()]
    assert len(set(names)) == len(names)
    for name, one in found.items():
        assert one["tags"][0], name
        assert one.get("security"), name


def test_programs_and_pages_are_described_with_what_pages_prove(document):
    schemes = document["components"]["securitySchemes"]
    assert schemes["bearer"]["scheme"] == "bearer"
    assert schemes["session"]["in"] == "cookie"
    assert (schemes["csrf"]["in"], schemes["csrf"]["name"]) == ("header", "X-CSRFToken")
    rooms = document["paths"]["/api/v1/chatrooms"]
    assert rooms["get"]["security"] == [{"bearer": []}, {"session": []}]
    assert rooms["post"]["security"] == [{"bearer": []}, {"session": [], "csrf": []}]


def test_every_refusal_has_the_one_shape(document):
    for name, one in operations(document):
        answers = one["responses"]
        assert answers.keys() >= ALWAYS, name
        for status, answer in answers.items():
            if status >= "400":
                schema = answer["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Error"}, f"{name} {status}"


def test_whoever_is_signed_in_may_be_refused_everywhere(document):
    for name, one in operations(document):
        if {} not in one["security"]:
            assert one["responses"].keys() >= {"401", "403"}, name


def test_every_body_refuses_keys_that_it_does_not_know(document):
    schemas = document["components"]["schemas"]
    for name, one in operations(document):
        for kind, media in one.get("requestBody", {}).get("content", {}).items():
            if kind == "application/json":
                known = schemas[media["schema"]["$ref"].rpartition("/")[2]]
                assert known["additionalProperties"] is False, name


def test_abuse_every_list_in_a_body_has_an_end(document):
    schemas = document["components"]["schemas"]
    for name, one in operations(document):
        media = one.get("requestBody", {}).get("content", {}).get("application/json")
        if media is None:
            continue
        known = schemas[media["schema"]["$ref"].rpartition("/")[2]]
        for key, given in known.get("properties", {}).items():
            if given.get("type") == "array":
                assert "maxItems" in given, f"{name}: {key}"


@pytest.mark.parametrize("path", ["schema", "docs"])
def test_what_is_the_same_for_everybody_is_not_sent_twice(client, path):
    first = client.get(f"/api/v1/{path}")
    again = client.get(f"/api/v1/{path}", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"/api/v1/{path}", headers={"If-None-Match": '"x"'}).status_code == 200


# --- the page -------------------------------------------------------------------------------------


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.targets: set[str] = set()
        self.loaded: set[str] = set()
        self.tags: set[str] = set()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.add(tag)
        self.ids.add(given.get("id", ""))
        if tag == "a":
            self.targets.add(given["href"])
        if tag in ("link", "img", "script"):
            self.loaded.add(given.get("href") or given.get("src") or "inline")


@pytest.fixture
def page(client):
    answer = client.get("/api/v1/docs")
    assert answer.status_code == 200
    return answer


def test_the_page_shows_every_operation_and_every_link_leads_somewhere(page, document):
    links = Links()
    links.feed(page.content.decode())
    assert {one["operationId"] for _, one in operations(document)} <= links.ids
    inner = {target[1:] for target in links.targets if target.startswith("#")}
    assert inner <= links.ids
    assert links.targets - {f"#{one}" for one in inner} == {"/api/v1/schema"}


def test_the_page_runs_nothing_and_loads_only_the_site_s_own(page):
    links = Links()
    links.feed(page.content.decode())
    assert "script" not in links.tags
    assert "style" not in links.tags
    assert all(one.startswith("/static/") for one in links.loaded)
    assert not re.search(rb"\son[a-z]+=|\sstyle=", page.content)


def test_the_page_has_a_policy_of_its_own(page):
    rules = dict(
        part.strip().split(" ", 1) for part in page["Content-Security-Policy"].split(";") if part
    )
    assert rules == {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
