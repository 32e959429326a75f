"""Uploads: once per picture, never through a lock, never with the key; and nothing that is remembered can do harm."""

import json
import sqlite3
import threading
from contextlib import contextmanager

import pytest
from switchyard.engine.errors import Refused
from switchyard.engine.fal.client import FalClient, Limits
from switchyard.engine.fal.database import FILE, Database
from switchyard.engine.fal.key import Key
from switchyard.engine.fal.storage import UPLOAD_LIFE
from switchyard.engine.fal.uploads import LEFT, Uploads
from switchyard.tests.fal_emulator import Act, FalEmulator

KEY = Key("1a2b3c4d-1111-2222-3333-444455556666:0123456789abcdef0123456789abcdef")
OTHER = Key("99999999-1111-2222-3333-444455556666:0123456789abcdef0123456789abcdef")
NOW = 1_800_000_000.0


@pytest.fixture
def fal():
    with FalEmulator() as emulator:
        yield emulator


@pytest.fixture
def database(tmp_path):
    return Database(tmp_path / "books")


@pytest.fixture
def client(fal):
    with FalClient(KEY, fal.url, limits=Limits(retry=0.01)) as one:
        yield one


def sent(fal):
    return fal.count("POST", "/files/upload")


def addresses(database):
    with database.reading() as rows:
        return [url for (url,) in rows.execute("SELECT url FROM uploads")]


def test_a_picture_goes_up_once(fal, database, client):
    uploads = Uploads(database)
    first = uploads.address(b"heron", "image/png", client, NOW)
    assert uploads.address(b"heron", "image/png", client, NOW + 60) == first
    assert Uploads(database).address(b"heron", "image/png", client, NOW + 120) == first  # after a restart
    assert sent(fal) == 1
    assert fal.files[first.removeprefix(fal.url)] == (b"heron", "image/png")


def test_by_the_clock_on_the_wall_where_none_is_given(fal, database, client):
    uploads = Uploads(database)
    assert uploads.address(b"heron", "image/png", client) == uploads.address(b"heron", "image/png", client)
    assert sent(fal) == 1


@pytest.mark.parametrize(
    "data, kind", [(b"heroN", "image/png"), (b"heron", "image/webp"), (b"", "image/png")]
)
def test_other_bytes_or_another_type_are_another_picture(fal, database, client, data, kind):
    uploads = Uploads(database)
    assert uploads.address(b"heron", "image/png", client, NOW) != uploads.address(data, kind, client, NOW)
    assert sent(fal) == 2


def test_an_address_that_could_die_in_the_queue_is_not_used(fal, database, client):
    uploads = Uploads(database)
    first = uploads.address(b"heron", "image/png", client, NOW)
    last_use = NOW + UPLOAD_LIFE - LEFT
    assert uploads.address(b"heron", "image/png", client, last_use) == first
    assert uploads.address(b"heron", "image/png", client, last_use + 1) != first
    assert sent(fal) == 2 and len(addresses(database)) == 1


def test_expired_rows_go(fal, database, client):
    uploads = Uploads(database)
    old = [uploads.address(bytes([n]), "image/png", client, NOW) for n in range(3)]
    assert sorted(addresses(database)) == sorted(old)
    new = uploads.address(b"new", "image/png", client, NOW + UPLOAD_LIFE + 1)
    assert addresses(database) == [new]


def test_a_clock_that_was_set_back_keeps_nothing_alive(fal, database, client):
    uploads = Uploads(database)
    first = uploads.address(b"heron", "image/png", client, NOW)
    assert uploads.address(b"heron", "image/png", client, NOW - 3 * UPLOAD_LIFE) != first
    assert sent(fal) == 2 and len(addresses(database)) == 1


def test_neither_another_account_nor_another_service_gets_the_address(fal, database, client):
    uploads = Uploads(database)
    mine = uploads.address(b"heron", "image/png", client, NOW)
    with FalClient(OTHER, fal.url) as other:
        theirs = uploads.address(b"heron", "image/png", other, NOW)
        assert uploads.address(b"heron", "image/png", other, NOW) == theirs
    with FalEmulator() as elsewhere, FalClient(KEY, elsewhere.url) as there:
        assert uploads.address(b"heron", "image/png", there, NOW).startswith(elsewhere.url)
    assert theirs != mine and sent(fal) == 2
    assert uploads.address(b"heron", "image/png", client, NOW) == mine


def test_nothing_of_the_key_is_on_the_disk(database, client, tmp_path):
    Uploads(database).address(b"heron", "image/png", client, NOW)
    key_id, secret = KEY.reveal().split(":")
    for file in (tmp_path / "books").iterdir():
        assert key_id.encode() not in file.read_bytes() and secret.encode() not in file.read_bytes()
    assert len(client.account(b"salt")) == 16 and client.account(b"salt") != client.account(b"other salt")
    other = Uploads(Database(tmp_path / "other books"))
    assert len(other._salt) == 16 and other._salt != Uploads(database)._salt


def test_the_key_goes_to_the_service_only_and_the_lifetime_to_the_storage(fal, client):
    client.upload(b"heron", "image/png")
    token, file = fal.requests("POST")
    assert token.headers["authorization"] == f"Key {KEY.reveal()}"
    assert file.headers["authorization"] == "Bearer cdn-token"
    assert not any(part in str(file.headers) for part in KEY.reveal().split(":"))
    for name in ("x-fal-object-lifecycle", "x-fal-object-lifecycle-preference"):
        assert json.loads(file.headers[name]) == {"expiration_duration_seconds": UPLOAD_LIFE}


def test_the_lifetime_is_said_as_fal_client_says_it():
    import fal_client.client as theirs

    headers = {}
    theirs._object_lifecycle_headers(
        headers, theirs._normalize_upload_lifecycle(theirs.StorageSettings("1h"))
    )
    life = json.dumps({"expiration_duration_seconds": UPLOAD_LIFE})
    assert headers == {"X-Fal-Object-Lifecycle": life, "X-Fal-Object-Lifecycle-Preference": life}


def test_a_busy_storage_is_asked_again(fal, client):
    fal.script("POST", "/files/upload", Act(status=429), Act(status=503), Act(drop=True))
    with pytest.raises(Refused):
        client.upload(b"heron", "image/png")
    fal.script("POST", "/files/upload", Act(status=429), Act(drop=True))
    assert client.upload(b"heron", "image/png").startswith(fal.url)


def test_a_failed_upload_is_not_remembered(fal, database, client):
    uploads = Uploads(database)
    fal.script("POST", "/files/upload", Act(status=413))
    with pytest.raises(Refused, match="could not be uploaded"):
        uploads.address(b"heron", "image/png", client, NOW)
    assert uploads.address(b"heron", "image/png", client, NOW).startswith(fal.url)


def test_no_lock_is_held_while_it_uploads(fal, database, client):
    uploads, go, got = Uploads(database), threading.Event(), []
    fal.script("POST", "/files/upload", Act(wait=go))
    slow = threading.Thread(
        target=lambda: got.append(uploads.address(b"heron", "image/png", client, NOW)), daemon=True
    )
    slow.start()
    fal.wait_for(lambda: fal.count("POST", "/files/upload") == 1)
    with sqlite3.connect(database.folder / FILE, timeout=0) as rows:  # no patience: any lock would be seen
        rows.execute("BEGIN IMMEDIATE")
        rows.rollback()
    assert uploads.address(b"crane", "image/png", client, NOW).startswith(fal.url)
    assert uploads.address(b"heron", "image/png", client, NOW) == uploads.address(
        b"heron", "image/png", client, NOW
    )
    go.set()
    slow.join(10)
    assert len(got) == 1 and sent(fal) == 3 and len(addresses(database)) == 2


def test_many_at_the_same_moment(fal, database, client):
    """Every one gets an address that works, and afterwards one of them is remembered."""
    together, got = threading.Barrier(8), []

    def work():
        uploads = Uploads(Database(database.folder))
        together.wait(10)
        got.append(uploads.address(b"heron", "image/png", client, NOW))

    threads = [threading.Thread(target=work, daemon=True) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert len(got) == 8 and all(url.removeprefix(fal.url) in fal.files for url in got)
    assert len(addresses(database)) == 1 and addresses(database)[0] in got
    assert Uploads(database).address(b"heron", "image/png", client, NOW) in got


class Failing(Database):
    """A database that fails from some moment on, for reading or for writing."""

    cannot: tuple[str, ...] = ()

    @contextmanager
    def writing(self):
        if "write" in self.cannot:
            raise sqlite3.OperationalError("disk I/O error")
        with super().writing() as rows:
            yield rows

    @contextmanager
    def reading(self):
        if "read" in self.cannot:
            raise OSError(5, "Input/output error")
        with super().reading() as rows:
            yield rows


@pytest.mark.parametrize("cannot", [("write",), ("read",), ("read", "write")])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_broken_disk_costs_the_memory_only(fal, tmp_path, client, cannot, when):
    database = Failing(tmp_path)
    database.cannot = cannot if when == "before" else ()
    uploads = Uploads(database)
    database.cannot = cannot
    for _ in range(2):
        assert uploads.address(b"heron", "image/png", client, NOW).startswith(fal.url)
    assert sent(fal) == 2


def test_a_spoilt_file_costs_the_memory_only(fal, database, client):
    uploads = Uploads(database)
    uploads.address(b"heron", "image/png", client, NOW)
    for file in database.folder.iterdir():
        file.write_bytes(b"not a database at all" * 500)
    assert uploads.address(b"heron", "image/png", client, NOW).startswith(fal.url)
    assert Uploads(database).address(b"heron", "image/png", client, NOW).startswith(fal.url)
    assert sent(fal) == 3
