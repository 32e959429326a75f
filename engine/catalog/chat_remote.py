"""Language models on fal, which read and rewrite prompts. They draw nothing and are never offered as image models."""

from __future__ import annotations

from ..models import Model, Param, Price
from .terms import NO_PICTURE, fal, up_to

# `web_search_options`, an open object of the schema, is left out: nothing here searches the web.
_CHAT = (
    Param("model", "text"),  # required; for example "qwen/qwen3.5-flash-02-23"
    Param("system_prompt", "text"),
    Param("reasoning", "bool", False),
    Param("temperature", "float", 1, 0, 2),
    Param("max_tokens", "int", low=1),
    Param("enable_web_search", "bool", False),
)
_TOKENS = Price(
    "per_token",
    confidence="third-party",
    note="qwen3.5-flash: 0.065 in and 0.26 out per million tokens; the reply's usage.cost is the real figure.",
)

CHAT_REMOTE = (
    Model(
        "openrouter",
        "OpenRouter",
        "other",
        "remote",
        "standard",
        about="A language model for rewriting prompts.",
        endpoints=(fal("openrouter/router", "chat", _CHAT, _TOKENS, NO_PICTURE),),
    ),
    Model(
        "openrouter-vision",
        "OpenRouter vision",
        "other",
        "remote",
        "standard",
        about="A language model that looks at pictures.",
        endpoints=(fal("openrouter/router/vision", "chat", _CHAT, _TOKENS, NO_PICTURE, **up_to(None)),),
    ),
)
