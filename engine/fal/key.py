"""The person's own fal key: where it comes from, and how it stays out of sight.

Order: the environment variable FAL_KEY, then `credentials.json` in ComfyUI's private user directory, which it
never serves over HTTP. fal's own login file (`~/.fal`) is not read: what is paid with is what the person gave
to us.
"""

from __future__ import annotations

import json
import logging
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..errors import NoKey

FILE = "credentials.json"
# Printable ASCII, exactly one colon, no space; no quote and no backslash, which logs and JSON write in another way.
SHAPE = re.compile(r"[!#-&(-9;-\[\]-~]+:[!#-&(-9;-\[\]-~]+")
PART = f".{FILE}-"  # a file that is being written begins with it
LONGEST = 200  # characters; a real one is a UUID, a colon and 32 hex digits: 69
DATA_URI = re.compile(r"data:[\w.+/-]*(?:;[\w.=+-]+)*,[A-Za-z0-9+/=_%.~-]*", re.IGNORECASE)
AUTHORIZATION = re.compile(r"\b(Key|Bearer)\s+[^\s'\",]+")
# Of the libraries that carry requests; at DEBUG httpcore writes down all headers of a reply, and a reply may echo the
# request's. By their full names: a filter on a parent is not asked about its children's records.
LOGGERS = ("fal_client.client", "httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy",
           "httpcore.socks")  # fmt: skip


class Key:
    """A key that cannot be printed by accident: only `reveal()` gives its text.

    White space and a pair of quotes around the text go. Raises NoKey, without the text, where it cannot be a fal
    key. `source` says where it was found, for a person. From here on the HTTP libraries' logs are kept free of it.
    """

    __slots__ = ("_text", "source")

    def __init__(self, text: str, source: str = "given"):
        text = text.strip()
        if text[:1] in ("'", '"') and text[-1:] == text[:1]:
            text = text[1:-1].strip()
        if len(text) > LONGEST or not SHAPE.fullmatch(text):
            raise NoKey(
                f"The fal key ({source}) cannot be right: a key is id:secret, at most {LONGEST} plain "
                "characters, one colon and no spaces. Copy it again from fal's dashboard; nothing was sent."
            )
        self._text = text
        self.source = source
        _hide_from_logs(self)

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"Key(hidden, {self.source})"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple:
        raise TypeError("a key is never serialised")


def find_key(folder: Path | None, environ: Mapping[str, str] = os.environ) -> Key | None:
    """The key in force, or None where none is set. Raises NoKey for one that cannot be right.

    An empty FAL_KEY counts as unset. `folder` is ComfyUI's private directory for this pack; None: there is
    none.
    """
    if environ.get("FAL_KEY", "").strip():
        return Key(environ["FAL_KEY"], "environment variable FAL_KEY")
    if folder is None:
        return None
    text = _read(Path(folder)).get("fal")
    if text is None or text == "":
        return None
    if not isinstance(text, str):
        raise NoKey(f'The entry "fal" in {FILE} is not a text. Save the key again; nothing was sent.')
    return Key(text, FILE)


def save_key(folder: Path, text: str) -> Key:
    """Writes the key into the private file, readable for its owner only, whole or not at all. Returns it.

    Raises NoKey for a text that cannot be a key, OSError where the folder cannot be written.
    """
    key = Key(text, FILE)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder, {**_others(folder), "fal": key.reveal()})
    return key


def forget_key(folder: Path) -> None:
    """Takes the key out of the private file, and the file away when nothing else is in it.

    Raises OSError where the folder cannot be written.
    """
    folder = Path(folder)
    for left in folder.glob(f"{PART}*"):  # of a save that a crash cut short
        left.unlink(missing_ok=True)
    if others := _others(folder):
        _write(folder, others)
    else:
        (folder / FILE).unlink(missing_ok=True)


def redact(text: str, *secrets: Key | str) -> str:
    """`text` without the secrets, without what stands in an Authorization header, and without data: URIs."""
    for secret in secrets:
        whole = secret.reveal() if isinstance(secret, Key) else secret
        parts = [whole, *(whole.split(":") if isinstance(secret, Key) else [])]
        for part in parts:
            if len(part) >= 4 or part == whole:
                text = text.replace(part, "[hidden]") if part else text
    return DATA_URI.sub("[data]", AUTHORIZATION.sub(r"\1 [hidden]", text))


def _read(folder: Path) -> dict:
    try:
        entries = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        raise NoKey(
            f"{FILE} in ComfyUI's private user directory cannot be read. Save the key again; nothing was "
            "sent."
        ) from None
    if not isinstance(entries, dict):
        raise NoKey(f"{FILE} does not hold a JSON object. Save the key again; nothing was sent.")
    return entries


def _others(folder: Path) -> dict:
    """What the file holds besides the key; nothing where it is broken: then a person saves or removes the key anew."""
    try:
        return {name: value for name, value in _read(folder).items() if name != "fal"}
    except NoKey:
        return {}


def _write(folder: Path, entries: dict) -> None:
    handle, name = tempfile.mkstemp(prefix=PART, dir=folder)  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(entries, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, folder / FILE)
    except BaseException:
        os.unlink(name)
        raise


class _Hiding(logging.Filter):
    """Takes every key that this process has seen out of a record."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: set[Key] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            said = record.getMessage()
        except Exception:
            return False  # it cannot be looked through, nor written
        clean = redact(said, *tuple(self.keys))  # a copy: another thread may be adding one
        if clean != said:
            record.msg, record.args = clean, ()
        return True


_HIDING = _Hiding()


def _hide_from_logs(key: Key) -> None:
    _HIDING.keys.add(key)
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_HIDING)  # once, however often it is added
