"""The key: found in order, stored privately, printed nowhere."""

import json
import logging
import os
import pickle
import stat

import pytest
from switchyard.engine.errors import NoKey
from switchyard.engine.fal.key import Key, find_key, forget_key, redact, save_key

TEXT = "1a2b3c4d-1111-2222-3333-444455556666:0123456789abcdef0123456789abcdef"
OTHER = "9a2b3c4d-1111-2222-3333-444455556666:9123456789abcdef0123456789abcdef"


def test_the_environment_goes_first_then_the_private_file(tmp_path):
    assert find_key(tmp_path, {}) is None and find_key(None, {}) is None
    save_key(tmp_path, OTHER)
    assert find_key(tmp_path, {}).reveal() == OTHER
    assert find_key(tmp_path, {"FAL_KEY": " \n"}).reveal() == OTHER
    found = find_key(tmp_path, {"FAL_KEY": f"  {TEXT}\n"})
    assert found.reveal() == TEXT and "FAL_KEY" in found.source


@pytest.mark.parametrize("around", ["{}", "{}\r\n", "'{}'", ' "{}"\n', '"\t{} "'])
def test_what_shells_and_files_put_around_a_key_goes(tmp_path, around):
    assert find_key(None, {"FAL_KEY": around.format(TEXT)}).reveal() == TEXT
    assert save_key(tmp_path, around.format(TEXT)).reveal() == TEXT
    assert find_key(tmp_path, {}).reveal() == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "halfakey:",
        "a" * 40,
        f"Key {TEXT}",
        TEXT + ":more",
        TEXT + "\u00e9",
        "x" * 199 + ":y",
        f"'{TEXT}",
        f"''{TEXT}''",
        TEXT.replace(":", ":\\"),
        f"{TEXT}\nX-Other: header",
        "a:" + "b" * 30 + "\n c",
    ],
)
def test_what_cannot_be_a_key_is_refused_without_showing_it(text, tmp_path):
    for attempt in (lambda: Key(text), lambda: save_key(tmp_path, text)):
        with pytest.raises(NoKey) as caught:
            attempt()
        assert not text or text.strip() not in str(caught.value) + repr(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_key_does_not_show():
    key = Key(TEXT)
    assert TEXT not in f"{key} {key!r} {[key]} {vars(type(key))!r}"
    assert key == Key(TEXT + "\n") and key != Key(OTHER) and key != TEXT and len({key, Key(TEXT)}) == 1
    with pytest.raises(TypeError):
        pickle.dumps(key)


def test_the_file_is_private_and_keeps_what_else_it_holds(tmp_path):
    folder = tmp_path / "new" / "folder"
    save_key(folder, OTHER)
    path = folder / "credentials.json"
    path.write_text(json.dumps({"fal": OTHER, "else": 1}))
    save_key(folder, f" {TEXT}\n")
    assert json.loads(path.read_text()) == {"fal": TEXT, "else": 1}
    assert [p.name for p in folder.iterdir()] == ["credentials.json"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b'{"fal": 5}', b'{"fal": "guarded words"}', b"\xff\xfe", b"[" * 99999]
)
def test_a_broken_file_is_named_and_can_be_saved_over(tmp_path, content):
    (tmp_path / "credentials.json").write_bytes(content)
    with pytest.raises(NoKey, match=r"credentials\.json") as caught:
        find_key(tmp_path, {})
    assert "guarded" not in str(caught.value)
    assert save_key(tmp_path, TEXT) == find_key(tmp_path, {})


def test_a_failed_save_leaves_the_old_key(tmp_path, monkeypatch):
    save_key(tmp_path, OTHER)

    def broken(*_):
        raise OSError("disk")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(OSError, match="disk"):
        save_key(tmp_path, TEXT)
    assert find_key(tmp_path, {}).reveal() == OTHER
    assert [p.name for p in tmp_path.iterdir()] == ["credentials.json"]


def test_messages_are_cleaned_of_keys_and_pictures():
    said = redact(
        f"b'Key {TEXT}' Bearer abc.def {TEXT} {TEXT[-32:]} url=data:image/png;base64,iVBORw0KGgo= end",
        Key(TEXT),
    )
    assert "0123456789abcdef" not in said and "abc.def" not in said and "iVBOR" not in said
    assert said.endswith("end") and "[data]" in said
    assert redact("nothing to hide", "", Key(TEXT)) == "nothing to hide"


def test_a_key_is_forgotten_and_nothing_else(tmp_path):
    path = tmp_path / "credentials.json"
    forget_key(tmp_path / "missing")
    forget_key(tmp_path)
    save_key(tmp_path, TEXT)
    (tmp_path / ".credentials.json-left").write_text(TEXT)  # by a save that was killed
    forget_key(tmp_path)
    assert not list(tmp_path.iterdir()) and find_key(tmp_path, {}) is None
    path.write_text(json.dumps({"fal": TEXT, "else": 1}))
    forget_key(tmp_path)
    assert json.loads(path.read_text()) == {"else": 1}
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["{", "[]", '{"fal": 5}'])
def test_a_broken_file_is_forgotten_whole(tmp_path, content):
    (tmp_path / "credentials.json").write_text(content)
    forget_key(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["httpcore.http11", "httpcore.proxy", "httpx", "fal_client.client"])
def test_what_the_http_libraries_log_is_cleaned_of_every_key(caplog, name):
    first, second, log = Key(TEXT), Key(OTHER), logging.getLogger(name)
    caplog.set_level("DEBUG")
    log.debug(f"headers=[(b'X-Echo', b'Key {TEXT}'), (b'x-id', b'{OTHER[:36]}')]")
    log.debug("%s and %r", TEXT, OTHER.encode())
    log.debug("%s of 2 at 100%%", 1)
    log.debug("%s and no second one", TEXT, OTHER)
    assert "x-id" in caplog.text and "1 of 2 at 100%" in caplog.text
    for secret in (first, second):
        assert not [part for part in secret.reveal().split(":") if part in caplog.text]
    assert log.filters.count(log.filters[0]) == 1
