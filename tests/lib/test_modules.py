"""The import graph of the browser's modules, and the links that pages make of it."""

from __future__ import annotations

import posixpath
import re

import pytest
from django.conf import settings
from django.template import engines

from chatsite.lib.modules import COMMENT, closure, imports_of

PAGES = sorted(path.name for path in (settings.STATIC_SOURCES / "js" / "pages").glob("*.js"))


def loaded_later(module):
    """The modules that a module loads on first use."""
    path = settings.STATIC_SOURCES / module
    named = re.findall(r'\bimport\("([^"]+)"\)(?!\.)', COMMENT.sub("", path.read_text()))
    return {posixpath.normpath(posixpath.join(posixpath.dirname(module), one)) for one in named}


def write(folder, **modules):
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text)


def test_imports_are_found_in_every_form(tmp_path):
    write(
        tmp_path,
        a='import { b } from "./b.js";\nimport {\n  c,\n} from "./c.js";\nimport "./d.js";\n'
        'export { e } from "./e.js";\nimport * as f from "./f.js";\nexport * from "./g.js";\n',
    )
    assert imports_of(tmp_path, "a.js") == [f"{name}.js" for name in "bcdefg"]


def test_what_is_loaded_later_is_no_import(tmp_path):
    write(
        tmp_path,
        a='/** @typedef {import("./types.js").T} T */\n// import "./old.js";\n'
        'const load = () => import("./later.js");\nexport const from = "./word.js";\n',
    )
    assert imports_of(tmp_path, "a.js") == []


def test_a_module_is_listed_once_even_in_a_circle(tmp_path):
    write(
        tmp_path,
        a='import "./b.js";\nimport "./c.js";\n',
        b='import "./c.js";\nimport "./a.js";\n',
        c="",
    )
    assert closure(tmp_path, "a.js") == ["a.js", "b.js", "c.js"]


def test_a_name_that_is_no_file_is_an_error(tmp_path):
    write(tmp_path, a='import "./gone.js";\n')
    with pytest.raises(OSError, match=r"gone\.js"):
        closure(tmp_path, "a.js")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_at_once_for_everything_that_it_imports(name):
    template = engines["django"].from_string("{% module entry %}")
    html = template.render({"entry": f"js/pages/{name}"})
    linked = re.findall(r'<link rel="modulepreload" href="([^"]+)">', html)
    wanted = closure(settings.STATIC_SOURCES, f"js/pages/{name}")
    assert linked == [settings.STATIC_URL + one for one in wanted[1:]]
    assert html.endswith(f'<script type="module" src="{settings.STATIC_URL}{wanted[0]}"></script>')


@pytest.mark.parametrize(
    "loaders",
    [
        ["conversation/room/first-visit", "conversation/messages/late-opener"],
        ["conversation/messages/late-opener"],
        ["ui/text/late-text"],
    ],
    ids=lambda loaders: loaders[0],
)
def test_a_part_asks_at_once_for_all_that_it_imports(loaders):
    """What its modules import would be found one after the other."""
    root = settings.STATIC_SOURCES
    wanted = {name for loader in loaders for name in loaded_later(f"js/{loader}.js")}
    here = set(closure(root, "js/pages/room.js"))
    assert wanted
    assert {one for name in wanted for one in closure(root, name)} - here == wanted


def test_every_page_uses_the_tag():
    """A script without it is found module by module."""
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        assert '<script type="module"' not in path.read_text(), path


STARTED = ["conversation/chat", "conversation/rooms", "conversation/list-loader"]
STARTED += ["pages/bootstrap", "panels/late-sidebar", "panels/sidebar"]
"""What they load on first use is used once a room is shown."""
LISTED = [
    "pages/shell",
    "pages/load-ahead",
    "ui/text/late-text",
    "ui/files/late-files",
    "conversation/messages/late-opener",
]
"""What they load is loaded ahead, once a room is shown."""
RARE = "vendor/"  # word stems of each language, and what makes keys


def test_all_that_a_room_may_use_is_loaded_ahead_of_it():
    """A first use that waits is slow, and fails where the network has gone."""
    root = settings.STATIC_SOURCES
    ahead = set(closure(root, "js/pages/room.js"))
    for loader in STARTED + LISTED:
        for part in loaded_later(f"js/{loader}.js"):
            ahead.update(closure(root, part))
    parts = {part for module in ahead for part in loaded_later(module)}
    assert [part for part in sorted(parts - ahead) if not part.startswith(RARE)] == []


FIRST_VIEW = 84  # with the page, the style sheet and what the API is asked, 90 requests


def test_a_room_opens_with_few_modules():
    """What is not needed for the newest messages and the composer is loaded after them."""
    root = settings.STATIC_SOURCES
    pages = ("js/pages/ahead.js", "js/pages/room.js")
    assert len({name for page in pages for name in closure(root, page)}) <= FIRST_VIEW


def test_the_page_of_the_list_has_what_it_shows_before_its_script_runs():
    """A room imports it on use; here that would be one more round trip before the first name."""
    page = set(closure(settings.STATIC_SOURCES, "js/pages/rooms.js"))
    shown = set(closure(settings.STATIC_SOURCES, "js/conversation/list-loader.js"))
    assert shown <= page
