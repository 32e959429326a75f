"""A question to the hub through huggingface_hub, and its troubles as sentences for a person.

Never an error's own words: they hold addresses, which may be signed.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Any

from ..errors import BadInput

PASSED_ON = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS)  # the disk's, not the hub's


class BrokenOff(BadInput):
    """The line broke: what has arrived can be gone on with at once."""


def ask(
    repository: str,
    question: Callable[[Any], Any],
    stopped: Callable[[], BaseException | None] = lambda: None,
) -> Any:
    """`question(HfApi)`, with whatever goes wrong on the way as a sentence."""
    try:
        from huggingface_hub import HfApi, constants
    except ImportError:
        raise BadInput(
            "Downloads need the package huggingface_hub, which comes with transformers: update ComfyUI."
        ) from None
    if constants.HF_HUB_OFFLINE:
        raise BadInput(
            "Downloads are turned off by HF_HUB_OFFLINE in ComfyUI's environment: start it without that."
        )
    endpoint = (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")
    try:
        return question(HfApi(endpoint=endpoint))
    except BadInput:
        raise
    except Exception as error:
        if stopped() is error:
            raise
        if isinstance(error, OSError) and error.errno in PASSED_ON:
            raise
        raise _translated(error, repository, endpoint) from None


def _translated(error: Exception, repository: str, endpoint: str) -> BadInput:
    """Never the error's own words: they hold addresses, which may be signed."""
    status = getattr(getattr(error, "response", None), "status_code", 0)
    said = _sentence(error, status, repository, f"{endpoint}/{repository}")
    if said:
        return BadInput(said)
    return BrokenOff(
        f"The download of {repository} broke off ({type(error).__name__}): try again, and it goes on where it stopped."
    )


def _sentence(error: Exception, status: int, repository: str, page: str) -> str:
    """What the hub has answered; "" where it has not."""
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError) or status == 403:
        known = (
            "The account that this ComfyUI is logged in with has no access to it yet"
            if _logged_in()
            else "No login was found"
        )
        return (
            f"{repository} is given only to those who have accepted its terms. {known}: accept them at {page}, and start "
            "ComfyUI with HF_TOKEN in its environment or after `hf auth login`."
        )
    if status == 401 and _logged_in() and not isinstance(error, errors.RepositoryNotFoundError):
        return "The hub does not accept the login of this ComfyUI: renew HF_TOKEN, or log in again with `hf auth login`."
    if isinstance(error, (errors.RepositoryNotFoundError, errors.HFValidationError)):
        return f"There is no {repository} on the hub, or it is private: compare the name with {page}."
    if isinstance(error, (errors.EntryNotFoundError, errors.RevisionNotFoundError)):
        return f"{repository} has changed while it was fetched: try again."
    if status == 429:
        return (
            f"The hub asks for patience with {repository}: try again in some minutes; what has arrived stays."
        )
    return (
        f"The hub answered with error {status} for {repository}: try again later; what has arrived stays."
        if status
        else ""
    )


def _logged_in() -> bool:
    from huggingface_hub import get_token

    return bool(get_token())
