"""The import graph of the browser's JavaScript modules, read from the files themselves."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from posixpath import dirname, join, normpath

COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*", re.S | re.M)
# Imports with parentheses are not: what they name is loaded on first use.
IMPORT = re.compile(
    r"""^\s*(?:(?:import|export)\b[^;"'()=]*?\bfrom\s*|import\s*)["']([^"']+)["']""", re.M
)


def imports_of(root: Path, module: str) -> list[str]:
    """The modules that `module` imports when it is loaded, in their order.

    Args:
        root: the folder of static files.
        module: a path below it, such as "js/pages/room.js"; so are those returned.

    Raises:
        OSError: the file is not there.
    """
    text = COMMENT.sub("", (root / module).read_text("utf-8"))
    return [normpath(join(dirname(module), name)) for name in IMPORT.findall(text)]


def closure(root: Path, entry: str) -> list[str]:
    """`entry` and every module that is loaded with it, each once, breadth first.

    Raises:
        OSError: a module names a file that is not there.
    """
    found = {entry: None}
    waiting = [entry]
    while waiting:
        following = [name for module in waiting for name in imports_of(root, module)]
        waiting = [name for name in dict.fromkeys(following) if name not in found]
        found.update(dict.fromkeys(waiting))
    return list(found)


kept_closure = cache(closure)
"""The same, read once by a process."""
