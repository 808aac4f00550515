"""Writers of the text: a language model behind OpenAI's protocol, or sentences picked here."""

from __future__ import annotations

from summaries.worker.config import Config
from summaries.worker.engines.base import Engine
from summaries.worker.engines.extractive import Extractive


def get_engine(config: Config) -> Engine:
    """A model where there is a key for one, or another server that speaks the protocol."""
    if not (config.api_key or config.base_url):
        return Extractive()
    from summaries.worker.engines.openai import OpenAi

    return OpenAi(config)
