"""A budget for 37 pictures and 200 who want one, in 8 threads of each of 2 processes, over the real client."""

import json
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from switchyard.engine.fal.buy import Books
from switchyard.engine.fal.ledger import SETTLED
from switchyard.tests.fal_emulator import FalEmulator

ROOT = Path(__file__).resolve().parents[2]
PROCESSES, THREADS, REQUESTS = 2, 8, 200
PRICE, LIMIT, FIT = Decimal("0.03"), Decimal("1.11"), 37

CHILD = """
import sys
from types import ModuleType
package = ModuleType("switchyard"); package.__path__ = [sys.argv[1]]; sys.modules["switchyard"] = package
from switchyard.tests.engine import parallel_buyers
parallel_buyers.main(*sys.argv[2:])
"""


@pytest.fixture(scope="module")
def rush(tmp_path_factory):
    """What every one of the 200 got, how the emulator saw it, and the books that are left."""
    folder = tmp_path_factory.mktemp("rush")
    with FalEmulator() as fal:
        fal.seconds = 0.2  # so that many are under way at the same moment
        fal.billable_units = None  # the service does not say what it billed: the estimate is what counts
        children = [spawn(fal, folder, number) for number in range(PROCESSES)]
        for child in children:  # both are there, and only then the first one goes
            assert child.stdout.readline() == "ready\n", child.communicate()[1]
        for child in children:
            child.stdin.write("go\n")
            child.stdin.flush()
        ends = []
        for child in children:
            out, err = child.communicate(timeout=120)
            assert (child.returncode, err) == (0, "")
            ends += json.loads(out)
        yield ends, fal, Books.open(folder)


def spawn(fal, folder, number):
    arguments = [str(ROOT), fal.url, str(folder), str(LIMIT), str(number), str(PROCESSES), str(REQUESTS)]
    command = [sys.executable, "-c", CHILD, *arguments, str(THREADS)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_as_many_go_out_as_the_budget_holds_and_no_more(rush):
    ends, fal, _ = rush
    assert len(fal.taken) == fal.count("POST") == FIT
    assert len(ends) == REQUESTS  # nothing is lost
    assert Counter(ends) == {"bought": FIT, "OverBudget": REQUESTS - FIT}  # and nothing was locked


def test_the_ledger_adds_up_to_the_cent(rush):
    _, fal, books = rush
    payments = books.ledger.payments()
    assert sum(payment.usd for payment in payments) == LIMIT == FIT * PRICE
    assert {payment.request_id for payment in payments} == set(fal.taken)
    assert all(payment.outcome in SETTLED for payment in payments)


def test_every_picture_is_kept_once(rush):
    _, _, books = rush
    entries = books.journal.entries()
    assert Counter(entry.state for entry in entries) == {"kept": FIT}
    pictures = [books.store.bring(entry.result["pictures"]) for entry in entries]
    assert all(pictures) and len({found[0].data for found in pictures}) == FIT
    assert not list((books.journal._database.folder / "pictures").glob("*.part"))


def test_many_were_under_way_at_the_same_moment(rush):
    """Otherwise the others would prove nothing."""
    _, fal, _ = rush
    began = [job.began for job in fal.jobs.values()]
    assert max(sum(one <= other < one + 0.2 for other in began) for one in began) > PROCESSES
