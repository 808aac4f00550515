"""The browser's modules in a child process that lives as long as the tests do."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

HERE = Path(__file__).resolve().parent


class Machine:
    """machine.mjs: a line of JSON in, a line out."""

    def __init__(self) -> None:
        node = shutil.which("node")
        assert node is not None, "Node.js is needed: make test installs it"
        self._process = subprocess.Popen(
            [node, str(HERE / "machine.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Machine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)

    def call(self, op: str, **given: Any) -> Any:
        """What the operation answers; AssertionError with its text if it failed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"op": op, **given}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the child process has ended"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["ok"]
