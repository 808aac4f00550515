"""What only the worker reads from the environment."""

from __future__ import annotations

from dataclasses import dataclass

from chatsite.env import env


@dataclass(frozen=True, slots=True)
class Config:
    """`key` is a PEM, "" for one made here. Prices are per million tokens, in and out. `part` is
    how many characters go to the model at once."""

    key: str
    api_key: str
    base_url: str
    model: str
    prices: tuple[float, float]
    timeout: float
    part: int


def read_config() -> Config:
    prices = env.str("OPENAI_PRICES", default="0.40/1.60").split("/")
    return Config(
        key=env.str("SUMMARY_KEY", default=""),
        api_key=env.str("OPENAI_API_KEY", default=""),
        base_url=env.str("OPENAI_BASE_URL", default=""),
        model=env.str("OPENAI_MODEL", default="gpt-4.1-mini"),
        prices=(float(prices[0]), float(prices[-1])),
        timeout=env.float("OPENAI_TIMEOUT", default=60.0),
        part=env.int("SUMMARY_PART", default=24_000),
    )
