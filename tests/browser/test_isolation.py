"""Pages are isolated from other origins, and work so; what their policy refuses is reported."""

from __future__ import annotations

import asyncio

import pytest

from tests.browser.people import Stage

IMAGE = """async () => {
  const image = document.createElement("img");
  const ended = new Promise((resolve) => {
    image.addEventListener("load", () => resolve("loaded"));
    image.addEventListener("error", () => resolve("refused"));
  });
  image.src = "http://127.0.0.1:9/x.png";
  document.body.append(image);
  return await ended;
}"""
WITHIN = 20  # seconds


@pytest.mark.slow
async def test_pages_are_isolated_and_their_workers_run(stage: Stage):
    ada = await stage.person("ada")
    await ada.sign_up_by_page()  # a worker makes the keys
    assert await ada.page.evaluate("crossOriginIsolated")
    await ada.make_room("Garden")
    await ada.say("tomatoes are red")
    await ada.sees_sent("tomatoes are red")
    assert await ada.page.evaluate("crossOriginIsolated")
    assert ada.problems == []


async def test_what_a_policy_refuses_is_reported_and_counted(stage: Stage, server):
    ada = await stage.person("ada")
    await ada.goto("/accounts/login/")
    assert await ada.page.evaluate(IMAGE) == "refused"
    async with asyncio.timeout(WITHIN):
        while "policy.violated directive=img-src" not in server.log.read_text():
            await ada.page.wait_for_timeout(100)
    ada.problems.clear()  # of the image, which the test wanted refused
