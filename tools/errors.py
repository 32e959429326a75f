"""The one error of the developer's tools: a sentence that says what is wrong and what to do."""

from __future__ import annotations


class ToolError(Exception):
    """Printed by dev.py as it is, without a traceback; the exit status is then 1."""
