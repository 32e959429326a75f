"""The sums that a person reads: each way of cutting them adds up, and every line says what it counts."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from switchyard.engine.fal.ledger import NANO, Payment
from switchyard.engine.fal.settings import Budget
from switchyard.engine.fal.spend import OUTCOMES, spend_of, table, text

MONTH, TODAY = 1_000.0, 2_000.0
PAID = Payment(
    "k", TODAY + 1, "flux-2-pro", "fal-ai/flux-2-pro", Decimal("0.03"), Decimal("0.03"), "paid", Decimal(1), "r", ""
)  # fmt: skip

MONEY = st.integers(0, 10**15).map(lambda amount: Decimal(amount) / NANO)
PAYMENTS = st.lists(
    st.builds(
        Payment,
        key=st.text(max_size=4),
        at=st.floats(0, 4_000),
        model=st.sampled_from(["flux-2-pro", "qwen-image", "flux-dev", ""]),
        endpoint=st.just("fal-ai/x"),
        estimate=st.none() | MONEY,
        usd=MONEY,
        outcome=st.sampled_from(list(OUTCOMES)),
        units=st.none() | MONEY,
        request_id=st.just(""),
        run=st.just(""),
    )
)


def spend(*payments, **limits):
    return spend_of(payments, TODAY, MONTH, Budget(**limits))


@given(PAYMENTS)
def test_every_way_of_cutting_the_sum_adds_up(payments):
    for period, since in ((spend(*payments).today, TODAY), (spend(*payments).month, MONTH)):
        counted = [p for p in payments if p.at >= since]
        assert period.usd == sum((p.usd for p in counted), Decimal(0))
        assert period.requests == len(counted)
        for shares in (period.models, period.outcomes):
            assert sum((share.usd for share in shares), Decimal(0)) == period.usd
            assert sum(share.requests for share in shares) == period.requests
        assert [s.usd for s in period.models] == sorted((s.usd for s in period.models), reverse=True)
        assert period.reserved == sum((p.usd for p in counted if p.outcome == "open"), Decimal(0))


@given(PAYMENTS)
def test_the_words_and_the_table_hold_the_sums(payments):
    both = spend(*payments, daily=Decimal(5))
    lines = table(both).splitlines()
    assert len(lines) == 3 + len(both.month.models)
    assert all(line.count("|") == 5 for line in lines)
    assert text(both).startswith("Today $") and "None" not in text(both)


def test_nothing_is_nothing():
    assert text(spend()) == "Today $0.00 (0 requests).\nThis month $0.00 (0 requests)."
    assert table(spend()).splitlines()[-1] == "| **all** | $0.00 | $0.00 | 0 |"


def test_a_line_says_limit_reservation_and_what_is_left():
    under_way = replace(PAID, outcome="open", usd=Decimal("0.045"), units=None)
    yesterday = replace(PAID, at=TODAY - 1, model="qwen-image", usd=Decimal(2))
    said = text(spend(PAID, under_way, yesterday, daily=Decimal(5), monthly=Decimal(1)))
    assert said.splitlines() == [
        "Today $0.075 of $5.00 (2 requests, $0.045 under way); $4.925 left.",
        "This month $2.075 of $1.00 (3 requests, $0.045 under way); $0.00 left.",
        "By model: qwen-image $2.00 (1), flux-2-pro $0.075 (2).",
    ]


def test_what_came_to_no_picture_is_told_apart():
    said = text(
        spend(PAID, *(replace(PAID, outcome=o) for o in ("moderated", "cancelled", "cancelled", "unsure")))
    )
    assert (
        "apart from the paid: withheld by the service $0.03 (1), cancelled $0.06 (2), perhaps taken $0.03 (1)."
        in said
    )


def test_a_price_that_nobody_knew_is_told_apart():
    unknown = replace(PAID, estimate=None, usd=Decimal(0), units=None)
    guessed = replace(unknown, usd=Decimal("0.25"))
    billed = replace(unknown, usd=Decimal("0.02"), units=Decimal(1))
    free = replace(unknown, units=Decimal(0))
    assert spend(PAID, unknown, guessed, billed, free).month.unknown == 2
    assert "Without a known price this month: 2 requests." in text(spend(unknown, guessed))


def test_what_is_dated_later_than_now_counts():
    """A clock that was set back must not open the purse again."""
    assert spend(replace(PAID, at=TODAY + 10**9)).today.usd == Decimal("0.03")


def test_a_name_stays_in_its_cell():
    assert "| a\\| b | $0.03" in table(spend(replace(PAID, model="a|\nb")))
