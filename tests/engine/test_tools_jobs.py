"""`dev.py jobs`, as a person runs it: a process of its own, on a journal that an earlier process left."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from switchyard.engine.fal.buy import Books
from switchyard.engine.fal.client import FalClient
from switchyard.engine.fal.job import Job
from switchyard.engine.fal.key import Key
from switchyard.engine.fal.ledger import Bill, Purchase
from switchyard.engine.fal.settings import Budget
from switchyard.engine.models import find
from switchyard.engine.price import Estimate
from switchyard.tests.engine.test_fal_buy import BODY, CRASH, FLUX, NAME, TEXT, WANTED, ask, cancel_when
from switchyard.tests.fal_emulator import FalEmulator

ROOT = Path(__file__).resolve().parents[2]
PRO = find("flux-2-pro").endpoint("generate", 0)
BARE = """
import sys
from importlib.abc import MetaPathFinder
class Nothing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in ("dev", "tools", "engine"):
            raise ImportError(name)
sys.meta_path.insert(0, Nothing())
sys.path.insert(0, "")
import dev
sys.exit(dev.main(sys.argv[1:]))
"""


@pytest.fixture
def fal():
    with FalEmulator() as emulator:
        yield emulator


@pytest.fixture
def books(tmp_path):
    return Books.open(tmp_path / "private")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def dev(*arguments, program=("dev.py",), **variables):
    unset = ("FAL_KEY", "SWITCHYARD_FAL_URL", "SWITCHYARD_DAILY_BUDGET", "COMFYUI_PATH")
    environ = {name: value for name, value in os.environ.items() if name not in unset}
    command = [sys.executable, *program, "jobs", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env={**environ, **variables}, capture_output=True, text=True)


def jobs(books, *arguments, **more):
    return dev(*arguments, "--folder", books.store._folder.parent, **more)


def collect(books, fal, out, *key, **more):
    done = jobs(
        books, "collect", *key, "--out", out, **{"FAL_KEY": TEXT, "SWITCHYARD_FAL_URL": fal.url, **more}
    )
    assert TEXT not in done.stdout + done.stderr and "heron" not in done.stdout + done.stderr
    return done


def bought(books, key, outcome="paid", usd="0.03", run="run"):
    """One request in the journal that ended so."""
    purchase = Purchase(key, PRO, "flux-2-pro", Estimate(Decimal(usd)), run)
    _, entry = books.journal.claim(purchase, Budget())
    state = {"paid": "failed", "unsure": "unsure", "cancelled": "cancelled"}[outcome]
    books.journal.ended(entry, state, Bill(outcome, Decimal(usd)))
    books.journal.leave(entry)


def one_sentence(done):
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("dev.py: ") and done.stderr.count("\n") == 1
    return done.stderr


def state(books):
    (entry,) = books.journal.entries()
    return entry.state


def posts(fal):
    return fal.count("POST")


def test_they_are_listed_and_forgotten(books):
    bought(books, "abcdef0123456789", "unsure")
    listed = jobs(books, "list").stdout
    assert "abcdef012345" in listed and "fal-ai/flux-2-pro  $0.03  unsure" in listed
    assert "1 request: 1 unsure." in listed and "Today $0.03 (1 request)." in listed
    assert jobs(books).stdout == listed
    assert "no single request" in one_sentence(jobs(books, "forget", "zzz"))
    assert jobs(books, "forget", "abcdef").returncode == 0
    assert books.journal.entries() == []
    assert "Today $0.03 (1 request)." in jobs(books).stdout  # it may have been billed


def test_what_was_not_billed_no_longer_counts(books):
    bought(books, "aaaa", "unsure")
    assert "no longer counts" in jobs(books, "forget", "aaaa", "--unbilled").stdout
    assert books.ledger.payments() == []
    bought(books, "bbbb", "paid")
    assert "still counts" in jobs(books, "forget", "bbbb", "--unbilled").stdout
    assert len(books.ledger.payments()) == 1


def test_a_beginning_that_fits_two_forgets_none(books):
    bought(books, "abc1", "unsure"), bought(books, "abc2", "unsure")
    one_sentence(jobs(books, "forget", "abc"))
    assert len(books.journal.entries()) == 2


def test_the_list_shows_the_limits_or_why_not(books):
    bought(books, "aaaa")
    file = books.store._folder.parent / "settings.json"
    file.write_text(json.dumps({"daily_budget": "5"}))
    assert "Today $0.03 of $5.00 (1 request); $4.97 left." in jobs(books).stdout
    file.write_text("{")
    done = jobs(books)
    assert (
        done.returncode == 0
        and "Today $0.03 (1 request)." in done.stdout
        and "Limits unknown: settings.json" in done.stdout
    )


def test_the_export_joins_payments_and_requests(books, tmp_path):
    bought(books, "=cmd", "paid", run="+run")  # a failed try, and then the same once more
    bought(books, "=cmd", "unsure", usd="0.045", run="@run")
    bought(books, "bbbb", "cancelled", run="-run")
    books.journal.forget("bbbb")
    done = jobs(books, "export")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0]) == [
        "time", "key", "state", "outcome", "model", "endpoint", "estimate_usd", "usd", "units", "request_id", "run",
    ]  # fmt: skip
    told = [(row["key"], row["state"], row["outcome"], row["usd"], row["run"]) for row in rows]
    assert told == [
        ("'=cmd", "", "paid", "0.03", "'+run"),
        ("'=cmd", "unsure", "unsure", "0.045", "'@run"),
        ("bbbb", "", "cancelled", "0.03", "'-run"),
    ]
    assert {row["model"] for row in rows} == {"flux-2-pro"}
    assert all(datetime.fromisoformat(row["time"]).tzinfo is not None for row in rows)
    jobs(books, "export", "--csv", tmp_path / "spend.csv")
    with open(tmp_path / "spend.csv", encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == rows


def test_requests_from_before_the_ledger_are_exported(books):
    bought(books, "aaaa")
    with books.journal._database.writing() as rows:
        rows.execute("DELETE FROM payments")
    (row,) = csv.DictReader(io.StringIO(jobs(books, "export").stdout))
    assert (row["key"], row["state"], row["endpoint"], row["usd"]) == (
        "aaaa",
        "failed",
        "fal-ai/flux-2-pro",
        "",
    )


@pytest.mark.parametrize("action", [("list",), ("export",), ("forget", "aaaa")])
def test_plain_python_is_enough(books, action):
    bought(books, "aaaa", "unsure")
    done = jobs(books, *action, program=("-c", BARE))
    assert (done.returncode, done.stderr) == (0, "")


def test_every_mistake_is_one_sentence(books, tmp_path):
    one_sentence(dev("list", "--folder", tmp_path / "nowhere"))
    for wrong in (
        ("forget",),
        ("list", "abc"),
        ("list", "--unbilled"),
        ("export", "--out", "x"),
        ("forget", "a", "--csv", "x"),
    ):
        one_sentence(jobs(books, *wrong))
    one_sentence(jobs(books, "export", "--csv", tmp_path / "no" / "such.csv"))
    (tmp_path / "spoilt").mkdir()
    (tmp_path / "spoilt" / "requests.sqlite").write_bytes(b"no database" * 100)
    one_sentence(dev("list", "--folder", tmp_path / "spoilt"))


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_what_a_killed_buyer_left_is_brought_home(fal, books, out):
    fal.seconds = 0.5
    buyer = subprocess.Popen(
        [sys.executable, "-c", CRASH, str(ROOT), fal.url, str(books.store._folder.parent)]
    )
    fal.wait_for(lambda: fal.count("GET", "/status") > 1, timeout=120)
    buyer.send_signal(signal.SIGKILL)
    buyer.wait()
    before = posts(fal)
    done = collect(books, fal, out)
    assert (done.returncode, done.stderr) == (0, "")
    (file,) = out.iterdir()
    assert file.name == f"{datetime.now():%Y-%m-%d}_flux-2-pro_1.png" and str(file) in done.stdout
    assert file.read_bytes() in [data for data, _ in fal.files.values()]
    assert (posts(fal), before, fal.cancels, state(books)) == (1, 1, [], "kept")
    assert [p.outcome for p in books.ledger.payments()] == ["paid"]
    again = ask(fal, books)  # the workflow, queued again
    assert (again.origin, again.pictures[0].data, posts(fal)) == ("kept", file.read_bytes(), 1)
    assert collect(books, fal, out).stdout == "Nothing is left to collect.\n"


def left_behind(fal, books):
    """A job that the service has taken, and whose buyer is gone."""
    _, entry = books.journal.claim(WANTED, Budget())
    with FalClient(Key(TEXT), fal.url) as client:
        job = client.submit(FLUX, BODY)
    books.journal.let_go(entry, job)
    books.journal.leave(entry)
    return job


def test_nothing_is_overwritten(fal, books, out):
    ask(fal, books)
    out.mkdir()
    day = f"{datetime.now():%Y-%m-%d}_flux-2-pro"
    (out / f"{day}_1.png").write_text("a person's own")
    assert collect(books, fal, out, NAME[:12]).returncode == 0  # out of the store: it is kept already
    assert (out / f"{day}_1.png").read_text() == "a person's own"
    assert (out / f"{day}_2.png").read_bytes() in [data for data, _ in fal.files.values()]
    assert posts(fal) == 1


def test_what_the_store_has_lost_is_fetched_again(fal, books, out):
    ask(fal, books)
    for file in books.store._folder.iterdir():
        file.unlink()
    assert collect(books, fal, out, NAME).returncode == 0
    assert (len(list(out.iterdir())), posts(fal), state(books)) == (1, 1, "kept")


def test_a_cancelled_job_is_looked_at_once(fal, books, out):
    fal.seconds = 60.0
    cancel_when(fal, books, lambda: fal.jobs)
    fal.wait_for(lambda: fal.cancels)
    done = collect(books, fal, out)
    assert done.returncode == 0 and "without a picture" in done.stdout
    assert (posts(fal), state(books), list(out.iterdir())) == (1, "failed", [])
    assert [p.outcome for p in books.ledger.payments()] == ["cancelled"]
    assert "Nothing is left" in collect(books, fal, out).stdout


def test_a_job_that_somebody_is_at_is_left_to_them(fal, books, out):
    fal.seconds = 60.0
    go_on = threading.Event()

    def interrupted():
        if go_on.is_set():
            raise KeyboardInterrupt

    def buyer():
        with pytest.raises(KeyboardInterrupt):
            ask(fal, books, interrupted)

    at_it = threading.Thread(target=buyer)
    at_it.start()
    try:
        fal.wait_for(lambda: fal.count("GET", "/status"))
        assert collect(books, fal, out).returncode == 0
        named = collect(books, fal, out, NAME[:8])
        assert named.returncode == 1 and "Another process is at it" in named.stderr
    finally:
        go_on.set()
        at_it.join()
    assert posts(fal) == 1 and len(fal.cancels) == 1


@pytest.mark.skipif(os.name != "posix", reason="Ctrl+C")
@pytest.mark.skipif(
    signal.getsignal(signal.SIGINT) == signal.SIG_IGN,
    reason="these tests were started with Ctrl+C ignored (in the background of a shell): so is whatever they start",
)
def test_stopping_the_collector_leaves_the_job_alone(fal, books, out):
    fal.seconds = 600.0
    left_behind(fal, books)
    environ = {**os.environ, "FAL_KEY": TEXT, "SWITCHYARD_FAL_URL": fal.url}
    folder = books.store._folder.parent
    command = [sys.executable, "dev.py", "jobs", "collect", "--folder", str(folder), "--out", str(out)]
    collector = subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    fal.wait_for(lambda: fal.count("GET", "/status") > 1, timeout=120)
    collector.send_signal(signal.SIGINT)
    collector.communicate(timeout=120)
    assert collector.returncode == 130 and fal.cancels == [] and state(books) == "taken"
    for job in fal.jobs.values():
        job.seconds = 0.0
    assert collect(books, fal, out).returncode == 0
    assert state(books) == "kept" and posts(fal) == 1


def test_one_that_cannot_be_had_does_not_cost_the_others(fal, books, out):
    job = left_behind(fal, books)
    lost = Purchase("dead", PRO, "flux-2-pro", Estimate(Decimal("0.03")))
    _, entry = books.journal.claim(lost, Budget())
    unknown = {name: value.replace(job.request_id, "unknown") for name, value in vars(job).items()}
    books.journal.let_go(entry, Job(**unknown))
    books.journal.leave(entry)
    private = books.store._folder.parent
    (private / "settings.json").write_text(json.dumps({"patience": {"retry": "0.01", "pace": "0.01"}}))
    done = collect(books, fal, out)
    assert done.returncode == 1 and "jobs forget dead" in done.stderr
    assert len(list(out.iterdir())) == 1 and posts(fal) == 1
    assert {e.key: e.state for e in books.journal.entries()} == {"dead": "taken", NAME: "kept"}


def test_a_job_of_another_service_is_not_asked_for_elsewhere(fal, books, out):
    left_behind(fal, books)
    done = collect(books, fal, out, SWITCHYARD_FAL_URL="https://gateway.invalid")
    assert done.returncode == 1 and "set SWITCHYARD_FAL_URL" in done.stderr and state(books) == "taken"
    assert collect(books, fal, out).returncode == 0


@pytest.mark.parametrize("was", ["taken", "cancelled"])
def test_a_gateway_that_does_not_know_a_job_of_fals_proves_nothing(fal, books, out, was):
    """It was perhaps taken without the gateway: a hint to send it anew could buy it twice."""
    job = left_behind(fal, books)
    _, entry = books.journal.claim(WANTED, Budget())
    names = ("status_url", "response_url", "cancel_url")
    elsewhere = {name: f"https://queue.fal.run/fal-ai/flux-2-pro/requests/unknown/{name}" for name in names}
    moved = replace(job, **elsewhere)
    books.journal.ended(entry, "cancelled", job=moved) if was == "cancelled" else books.journal.let_go(
        entry, moved
    )
    books.journal.leave(entry)
    (books.store._folder.parent / "settings.json").write_text(
        json.dumps({"patience": {"retry": "0.01", "pace": "0.01"}})
    )
    done = collect(books, fal, out)
    assert done.returncode == 1 and "jobs forget" not in done.stderr
    assert (state(books), posts(fal)) == (was, 1)


def test_the_key_comes_from_the_folder_too(fal, books, out):
    left_behind(fal, books)
    assert "no fal key was found" in one_sentence(collect(books, fal, out, FAL_KEY=""))
    (books.store._folder.parent / "credentials.json").write_text(json.dumps({"fal": TEXT}))
    assert collect(books, fal, out, FAL_KEY="").returncode == 0
    assert state(books) == "kept"


def test_what_was_never_taken_cannot_be_collected(fal, books, out):
    bought(books, "abcd", "unsure")
    done = collect(books, fal, out, "abcd")
    assert done.returncode == 1 and "cannot be collected" in done.stderr and fal.seen == []


def test_a_folder_that_cannot_be_written_costs_nothing(fal, books, out):
    left_behind(fal, books)
    out.write_text("a file")
    one_sentence(collect(books, fal, out))
    assert state(books) == "taken"


ELSEWHERE = """
import sys
from pathlib import Path
from tools import collect
from tools.environment import Environment
found = Environment(Path(sys.executable), Path.cwd())
sys.exit(collect.elsewhere(found, Path(sys.argv[1]), Path(sys.argv[2]), ""))
"""


def test_a_python_without_httpx_hands_over_to_one_that_has_it(fal, books, out):
    left_behind(fal, books)
    command = [sys.executable, "-c", ELSEWHERE, str(books.store._folder.parent), str(out)]
    environ = {**os.environ, "FAL_KEY": TEXT, "SWITCHYARD_FAL_URL": fal.url}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(list(out.iterdir())) == 1 and posts(fal) == 1
