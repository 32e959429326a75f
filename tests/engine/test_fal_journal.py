"""The journal under many hands, and the store under its limit."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from switchyard.engine.fal.database import Database
from switchyard.engine.fal.job import Job, Picture
from switchyard.engine.fal.journal import Journal
from switchyard.engine.fal.ledger import Bill, Ledger, Purchase
from switchyard.engine.fal.settings import Budget
from switchyard.engine.fal.store import Store
from switchyard.engine.models import find
from switchyard.engine.price import Estimate

JOB = Job(
    "fal-ai/flux-2-pro",
    "req-1",
    "https://queue.fal.run/s",
    "https://queue.fal.run/r",
    "https://queue.fal.run/c",
)
PAID = Bill("paid", Decimal("0.03"))


def journal_in(folder, **clock):
    database = Database(folder)
    return Journal(database, Ledger(database, **clock), **clock)


def purchase(key):
    return Purchase(key, find("flux-2-pro").endpoint("generate", 0), "flux-2-pro", Estimate(Decimal("0.03")))


def claim(journal, key="abc"):
    return journal.claim(purchase(key), Budget())


def test_of_many_who_claim_at_once_one_sends(tmp_path):
    barrier = threading.Barrier(8)

    def claims(number):
        barrier.wait()
        return [claim(journal_in(tmp_path), f"key{n}")[0] for n in range(20)]

    with ThreadPoolExecutor(8) as pool:
        turns = list(pool.map(claims, range(8)))
    for column in zip(*turns, strict=True):
        assert sorted(column) == ["send"] + ["wait"] * 7


def test_a_row_says_what_happened(tmp_path):
    moments = iter(range(100, 200))
    journal = journal_in(tmp_path, clock=lambda: float(next(moments)))
    mine = claim(journal)[1]
    journal.taken(mine, JOB)
    (entry,) = journal.entries()
    assert (entry.state, entry.job, entry.price, entry.endpoint) == ("taken", JOB, "$0.03", JOB.endpoint)
    assert entry.created < entry.changed
    journal.kept(mine, JOB, {"pictures": [], "seed": 3}, PAID)
    journal.ended(mine, "cancelled", Bill("cancelled"), JOB)  # too late: what is kept stays kept
    assert claim(journal)[0] == "kept"
    assert journal.entries()[0].result["seed"] == 3


@pytest.mark.parametrize(("name", "forgotten"), [("ab", False), ("abc", True), ("", False), ("zzz", False)])
def test_only_what_is_named_is_forgotten(tmp_path, name, forgotten):
    journal = journal_in(tmp_path)
    for key in ("abc", "abd"):
        journal.leave(claim(journal, key)[1])
    assert journal.forget(name) is forgotten
    assert len(journal.entries()) == (1 if forgotten else 2)


def test_the_least_recently_used_picture_goes_first(tmp_path):
    import os

    store = Store(tmp_path, limit=250)
    kept = [store.keep([Picture(bytes([n]) * 100, "image/png")]) for n in range(2)]
    for age, entries in enumerate(kept):
        os.utime(tmp_path / entries[0]["file"], (age, age))
    assert store.bring(kept[0])  # used now, so the other one is the oldest
    kept.append(store.keep([Picture(b"x" * 100, "image/png")]))
    assert store.bring(kept[0]) and store.bring(kept[2]) and not store.bring(kept[1])


def test_what_was_just_paid_for_stays_even_over_the_limit(tmp_path):
    store = Store(tmp_path, limit=10)
    kept = store.keep([Picture(b"y" * 100, "image/png"), Picture(b"z" * 100, "image/webp")])
    pictures = store.bring(kept)
    assert [(p.data[:1], p.content_type) for p in pictures] == [(b"y", "image/png"), (b"z", "image/webp")]


def test_what_its_own_process_is_no_longer_at_may_be_taken_up(tmp_path):
    journal = journal_in(tmp_path)
    turn, entry = claim(journal)
    assert turn == "send"
    journal.taken(entry, JOB)
    assert claim(journal)[0] == "wait"
    journal.leave(entry)
    assert claim(journal)[0] == "resume"


def test_nothing_sent_is_nothing_written(tmp_path):
    journal = journal_in(tmp_path)
    journal.drop(claim(journal)[1])
    assert journal.entries() == []
    entry = claim(journal)[1]
    journal.taken(entry, JOB)
    journal.drop(entry)  # it was sent: the row stays
    assert len(journal.entries()) == 1


def test_a_late_word_of_an_earlier_turn_changes_nothing(tmp_path):
    journal = journal_in(tmp_path)
    first = claim(journal)[1]
    journal.ended(first, "failed")
    journal.leave(first)
    second = claim(journal)[1]
    journal.ended(first, "cancelled", None, JOB)
    assert journal.find("abc").state == "sending"
    journal.taken(second, JOB)
    assert journal.find("abc").state == "taken"


def test_a_row_whose_addresses_were_never_written_is_unsure(tmp_path):
    journal = journal_in(tmp_path)
    entry = claim(journal)[1]
    journal.let_go(entry)
    journal.leave(entry)
    assert claim(journal)[0] == "unsure"


def test_what_dead_processes_left_is_taken_away(tmp_path):
    import os

    old = tmp_path / "owners" / "dead"
    old.parent.mkdir()
    old.touch()
    os.utime(old, (1, 1))
    journal_in(tmp_path)
    assert not old.exists()
