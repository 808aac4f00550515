"""axe-core on a page: what it finds wrong with its accessibility."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from playwright.async_api import Page

SOURCE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
# Not on by default.
ALSO = ("label-content-name-mismatch", "target-size", "focus-order-semantics")
AXE_STYLES = True  # it sets styles inline, which the pages' policy forbids
RUN = """async (rules) => {
  const moving = document.getAnimations().filter(({ effect }) =>
    Number.isFinite(effect.getComputedTiming().endTime));
  await Promise.allSettled(moving.map(({ finished }) => finished));
  const enabled = Object.fromEntries(rules.map((rule) => [rule, { enabled: true }]));
  const { violations } = await axe.run(document, { rules: enabled, resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, any, all, none }) => {
      const why = [...any, ...all, ...none].map(({ message }) => message)[0] ?? "";
      return `${id}: ${target.flat().join(" ")} (${why})`;
    }));
}"""


@cache
def source() -> str:
    return SOURCE.read_text()


async def violations(page: Page) -> list[str]:
    """What axe says of the page as it is now, a line for each element; [] if nothing."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(source())
    return await page.evaluate(RUN, list(ALSO))
