"""A server that speaks OpenAI's chat completions, and fails when told to."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response


@dataclass
class Model:
    """`script` is what happens at each call, then `"ok"` forever: an HTTP status, "slow",
    "malformed", "empty", "stream", "endless", "breaking", or what differs: `text`, `usage`, or
    `to`, an address that it sends on to. `text` is what it writes.
    """

    url: str = ""
    text: str = "They planned the garden.\n- ben brings compost"
    script: list[Any] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        self.asked.append(json.loads(request.get_data()))
        step = self.script.pop(0) if self.script else "ok"
        if step == "slow":
            time.sleep(3)
        if isinstance(step, int):
            headers = {"Retry-After": "1"} if step == 429 else {}
            body = {"error": {"message": f"you said {self.asked[-1]['messages'][1]}"}}
            return Response(json.dumps(body), step, headers, content_type="application/json")
        if step == "malformed":
            return Response("{}", content_type="application/json")
        if step == "stream":
            return Response('data: {"choices":[]}\n\n', content_type="text/event-stream")
        if step == "endless":
            return Response(iter(lambda: b" " * 65_536, b""), content_type="application/json")
        if step == "breaking":
            return Response(iter([b'{"choices"']), headers={"Content-Length": "999"})
        if isinstance(step, dict) and "to" in step:
            return Response("", 307, {"Location": step["to"]})
        return Response(json.dumps(self._said(step)), content_type="application/json")

    def _said(self, step: Any) -> dict[str, Any]:
        changes = step if isinstance(step, dict) else {}
        text = "" if step == "empty" else changes.get("text", self.text)
        usage = {"prompt_tokens": 900, "completion_tokens": 100, "total_tokens": 1000}
        message = {"role": "assistant", "content": text}
        return {
            "id": "x",
            "object": "chat.completion",
            "created": 1,
            "model": "fake-model",
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "usage": changes.get("usage", usage),
        }

    @property
    def environment(self) -> dict[str, str]:
        return {
            "OPENAI_API_KEY": "sk-canary-key",
            "OPENAI_BASE_URL": self.url,
            "OPENAI_MODEL": "fake-model",
            "OPENAI_TIMEOUT": "1",
            "OPENAI_PRICES": "100/100",
            "SUMMARY_COST_PER_DAY": "0",
        }


@contextmanager
def model() -> Iterator[Model]:
    with HTTPServer(threaded=True) as server:
        found = Model(server.url_for("/v1"))
        server.expect_request("/v1/chat/completions", method="POST").respond_with_handler(
            found.answer
        )
        yield found
