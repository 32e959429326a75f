"""Every error that a person can meet, as one tree.

SwitchyardError
├── BadInput            a value that cannot work, found before anything runs or is sent
├── NoRoute             no model can do what was asked
└── RemoteError         the paid service
    ├── NoKey           no key, or one that cannot be right; nothing was sent
    ├── OverBudget      a limit that the person has set would be passed; nothing was sent
    ├── Refused         the service took nothing: nothing is paid
    ├── Unsure          the request may or may not have been taken: it is never sent again by itself
    ├── Failed          the job was taken and did not end in a picture
    │   ├── Moderated   the service withheld or blackened the picture
    │   └── Dropped     it was cancelled, and nothing came of it
    └── Uncollected     the picture is paid for and still with the service: the message says where

A message is for the person at the canvas: what was asked, what is possible, what to do. It never holds a key or
the words of a prompt; foreign exceptions are translated in `engine/fal/client.py` and nowhere else.
"""

from __future__ import annotations

from decimal import Decimal


class SwitchyardError(Exception):
    def __init_subclass__(cls) -> None:
        cls.__module__ = (
            "switchyard"  # ComfyUI shows "module.Name"; the pack's real module name is a folder's path
        )


class BadInput(SwitchyardError):
    pass


class NoRoute(SwitchyardError):
    pass


class RemoteError(SwitchyardError):
    """`request_id` is the service's own name of the job, where it has one: with it the job can be looked up."""

    def __init__(self, message: str, request_id: str = ""):
        super().__init__(message)
        self.request_id = request_id


class NoKey(RemoteError):
    pass


class OverBudget(RemoteError):
    pass


class Refused(RemoteError):
    pass


class Unsure(RemoteError):
    pass


class Failed(RemoteError):
    """`units`: what the service says that it bills for it, None where it does not say."""

    def __init__(self, message: str, request_id: str = "", units: Decimal | None = None):
        super().__init__(message, request_id)
        self.units = units


class Moderated(Failed):
    pass


class Dropped(Failed):
    pass


class Uncollected(RemoteError):
    """`gone`: the service says that it does not know the job (any more)."""

    def __init__(self, message: str, request_id: str = "", gone: bool = False):
        super().__init__(message, request_id)
        self.gone = gone
