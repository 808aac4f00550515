"""Variables that only the worker reads from the environment."""

from __future__ import annotations

from dataclasses import dataclass

import chatsite.variables as variables


@dataclass(frozen=True, slots=True)
class Config:
    """`key` is a PEM, "" for one made here. Prices are per million tokens, in and out. `part` is
    how many characters go to the model at once.
    """

    key: str
    api_key: str
    base_url: str
    model: str
    prices: tuple[float, float]
    timeout: float
    part: int


def read_config() -> Config:
    return Config(
        key=variables.SUMMARY_KEY.read(),
        api_key=variables.OPENAI_API_KEY.read(),
        base_url=variables.OPENAI_BASE_URL.read(),
        model=variables.OPENAI_MODEL.read(),
        prices=variables.OPENAI_PRICES.read(),
        timeout=variables.OPENAI_TIMEOUT.read(),
        part=variables.SUMMARY_PART.read(),
    )
