"""`dev.py plan`: one answer for every line, in order, at once; the bill to the cent; nothing but the standard library."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

import pytest

ROOT = Path(__file__).resolve().parents[2]
BARE = [sys.executable, "-S", "-s", "-E", str(ROOT / "dev.py"), "plan"]  # -S: no site-packages

LIGHT = "A fox at dusk"
TEXT = 'A shop sign that says "Open"'


def plan(*arguments: str, lines: str | bytes = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    data = lines if isinstance(lines, bytes) else lines.encode()
    env = {**os.environ, **environment}
    return subprocess.run(
        [*BARE, *arguments], input=data, capture_output=True, cwd=ROOT, env=env, timeout=120
    )


def answers(*arguments: str, lines: str | bytes) -> list[dict]:
    done = plan("-", *arguments, lines=lines)
    assert done.returncode == 0 and done.stderr == b""
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def test_one_answer_for_every_line_in_order():
    lines = [
        "A bowl of apples",
        json.dumps({"id": "poster-7", "prompt": TEXT, "tier": "final", "place": "remote"}),
        "",
        '{"scene": "a lake", "headline": "Big Sale"}',
        json.dumps({"prompt": "Make it night", "images": 1}),
        json.dumps({"id": None, "prompt": TEXT, "task": None, "width": None, "batch": 2}),
    ]
    found = answers(lines="\n".join(lines))
    assert [a["id"] for a in found] == [1, "poster-7", 3, 4, 5, None]
    assert found[1]["model"] == "qwen-image-3" and found[1]["asks_for_text"] is True
    assert found[3]["asks_for_text"] is True
    assert found[4]["task"] == "edit"
    keys = [
        "id",
        "task",
        "asks_for_text",
        "family",
        "place",
        "tier",
        "model",
        "price_usd",
        "reason",
        "passed_over",
        "confidence",
        "alternatives",
    ]
    assert all(list(a) == keys for a in found)


@pytest.mark.parametrize(
    "line, words",
    [
        ('{"prompt": "broken', "cannot be read as JSON"),
        ('{"id": NaN, "prompt": "x"}', "cannot be read as JSON"),
        ('{"id": "x"}', "`prompt` must be a text"),
        ('{"prompt": 5}', "`prompt` must be a text"),
        ('{"prompt": "x", "task": "dance"}', "`task` must be one of"),
        ('{"prompt": "x", "tier": []}', "`tier` must be one of"),
        ('{"prompt": "x", "batch": 0}', "1 to 64"),
        ('{"prompt": "x", "batch": "2"}', "whole number"),
        ('{"prompt": "x", "width": -8}', "whole number"),
        ('{"prompt": "x", "width": true}', "whole number"),
        ('{"prompt": "x", "width": 1e999}', "whole number"),
        ('{"prompt": "x", "max_price": "lots"}', "US dollars"),
        ('{"prompt": "x", "max_price": 1e-400000000}', None),  # so little that it is nothing: no limit
        ('{"prompt": "x", "max_price": "1e-400000000"}', "US dollars"),
        ('{"prompt": "x", "images": 12}', "no model takes more than 9"),
        ('{"prompt": "x", "width": 99999, "height": 99999}', "ask for"),
        ('{"prompt": "x", "task": "edit"}', "needs a picture"),
    ],
)
def test_a_broken_line_is_one_sentence_and_stops_nothing(line, words):
    first, last = answers(lines=f'{line}\n{{"prompt": "A bowl of apples"}}\n')
    assert words in first["error"] if words else "error" not in first
    assert last["id"] == 2 and last["model"]


def test_any_bytes_are_lines():
    lines = b"\xef\xbb\xbf" + json.dumps({"id": "bom", "prompt": "x"}).encode() + b"\r\n\xff\xfe\x00caf\xe9\n"
    lines += '{"id": "\\ud800", "prompt": "一张海报\u2028还是海报"}\n'.encode()
    found = answers(lines=lines)
    assert len(found) == 3 and found[0]["id"] == "bom" and "error" in found[1] and found[2]["asks_for_text"]


def test_what_is_assumed_to_be_there():
    assert answers(lines=LIGHT)[0]["place"] == "remote"  # both are there: FLUX.2 pro
    assert answers(lines=TEXT)[0]["place"] == "local"
    assert answers("--remote", lines=TEXT)[0]["place"] == "remote"
    assert answers("--local", lines=LIGHT)[0]["place"] == "local"
    assert plan("-", "--local", "--remote").returncode == 2


def test_rules_of_ones_own(tmp_path):
    rules = tmp_path / "mine.ini"
    rules.write_text("[rule]\nwords = fox\nuse = flux-2-flex\n")
    assert answers("--rules", str(rules), lines=LIGHT)[0]["model"] == "flux-2-flex"
    rules.write_text("[rule]\nwords = fox\nuse = flex\n")
    for file in (rules, tmp_path / "no-such-file.ini"):
        done = plan("-", "--rules", str(file), lines=LIGHT)
        assert done.returncode == 1 and done.stdout == b"" and b"Traceback" not in done.stderr
        assert done.stderr.startswith(f"dev.py: {file.name}".encode())


def test_alternatives_are_for_programs_too():
    found = answers("--remote", lines=LIGHT)[0]
    assert 0.5 <= found["confidence"] <= 1
    other = found["alternatives"][0]
    assert other == {
        "model": "qwen-image-2512",
        "price_usd": 0.02,
        "settings": {"family": "qwen"},
        "needs": "",
    }
    assert any("set `family` to qwen" in passed["why"] for passed in found["passed_over"])


def test_the_bill():
    draft = json.dumps({"prompt": LIGHT, "tier": "draft", "width": 1024, "height": 1024})
    final = json.dumps({"prompt": LIGHT, "tier": "final", "width": 1024, "height": 1024})
    began = time.monotonic()
    done = plan(
        "-",
        "--remote",
        "--bill",
        lines="\n".join([draft] * 10_000 + [final] * 3_000 + ['{"prompt": "broken']),
    )
    assert time.monotonic() - began < 90
    *lines, bill = done.stdout.decode().splitlines()
    assert json.loads(bill) == {
        "bill": [
            {"model": "flux-2-pro", "tier": "final", "prompts": 3000, "price_usd": 90.0, "unknown_prices": 0},
            {
                "model": "flux-1-schnell",
                "tier": "draft",
                "prompts": 10000,
                "price_usd": 30.0,
                "unknown_prices": 0,
            },
        ],
        "total_usd": 120.0,
    }
    header, first, second, total = done.stderr.decode().splitlines()
    assert len(lines) == 13_001 and "error" in json.loads(lines[-1])
    assert header.split() == ["model", "tier", "prompts", "price"]
    assert first.split() == ["flux-2-pro", "final", "3000", "$90.00"]
    assert second.split() == ["flux-1-schnell", "draft", "10000", "$30.00"]
    assert total.split() == ["total", "13000", "$120.00"]


def test_a_price_that_is_not_known_is_counted_apart():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from decimal import Decimal; from types import SimpleNamespace as Route; from tools.plan import Bill\n"
        "bill = Bill()\n"
        "for usd in (None, Decimal('0.5'), None):\n"
        "    bill.add(Route(model='m', tier='final', price=Route(usd=usd)))\n"
        "print(bill.text())"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code, str(ROOT)], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines()[-1].split(maxsplit=2) == ["total", "3", "$0.50 + 2 of unknown price"]


def test_answers_come_while_lines_are_still_being_written():
    with subprocess.Popen([*BARE, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdin is not None and process.stdout is not None
        stuck = Timer(60, process.kill)  # a line that is held back would be waited for without end
        stuck.start()
        try:
            for number in (1, 2):
                process.stdin.write(b"A bowl of apples\n")
                process.stdin.flush()
                assert json.loads(process.stdout.readline())["id"] == number
            process.stdin.close()
            assert process.wait(60) == 0
        finally:
            stuck.cancel()


def test_a_reader_that_has_enough(tmp_path):
    many = tmp_path / "many.txt"
    many.write_text("A bowl of apples\n" * 300)
    with subprocess.Popen(
        [*BARE, str(many)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_file(tmp_path):
    prompts = tmp_path / "prompts.jsonl"
    prompts.write_text(json.dumps({"id": 9, "prompt": TEXT}), encoding="utf-8")
    done = plan(str(prompts))
    assert json.loads(done.stdout)["id"] == 9
    for missing in (tmp_path / "no-such-file", tmp_path):
        done = plan(str(missing))
        assert done.returncode == 1 and done.stdout == b""
        assert done.stderr.startswith(b"dev.py: cannot read") and b"Traceback" not in done.stderr


def test_the_same_answers_whatever_the_hash_seed():
    prompts = "\n".join(
        [LIGHT, TEXT, "Poster with a portrait at dusk, no text", "把价格改成 20 元", "quick draft"]
    )
    command = [a for a in BARE if a != "-E"]  # so that the seed is heard
    found = set()
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [*command, "-"], input=prompts.encode(), capture_output=True, cwd=ROOT, env=env, timeout=60
        )
        found.add(done.stdout)
    assert len(found) == 1 and found != {b""}


def test_it_needs_only_the_standard_library():
    """Every module that is loaded is the standard library's or ours, and nothing of the network is among them."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from tools import plan; status = plan.main(['-', '--bill'])\n"
        "print('\\nLOADED', *sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(ROOT)],
        input=b"A bowl of apples\n",
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0 and done.stdout.startswith(b'{"id": 1')
    loaded = set(done.stderr.decode().partition("LOADED")[2].split())
    assert loaded - {"__main__"} - set(sys.stdlib_module_names) == {"engine", "tools"}
    assert not loaded & {"socket", "ssl", "http", "sqlite3", "asyncio", "ctypes"}


def test_a_file_is_json_lines_or_prompts():
    """Its first line tells: then a line that is no object is an error, where in a list of prompts it is a prompt."""
    rows = plan(
        "-",
        lines='{"id": "a", "prompt": "a cat"}\nnot json\n{broken\n{"headline": "NIGHT"}\n{"id": "b", "prompt": "a dog"}\n',
    )
    answers = [json.loads(line) for line in rows.stdout.splitlines()]
    assert [(answer["id"], "error" in answer) for answer in answers] == [
        ("a", False), (2, True), (3, True), (4, True), ("b", False),
    ]  # fmt: skip
    prompts = plan("-", lines='a cat\nnot json\n{broken}, 1girl\n{"headline": "NIGHT"}\n{"id": 3, "prom\n')
    answers = [json.loads(line) for line in prompts.stdout.splitlines()]
    assert ["error" in answer for answer in answers] == [False, False, False, False, True]
    assert answers[3]["asks_for_text"]
