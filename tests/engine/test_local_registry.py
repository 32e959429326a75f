"""One copy of every set of weights, however many ask for it and however they go away."""

import gc
import threading
import weakref

import pytest
from switchyard.engine.local.machine import Part
from switchyard.engine.local.registry import Registry


class Weights:
    """What a part is made of, to see when it is let go of."""


class Holder:
    """A loaded model."""


def part(key: str) -> Part:
    return Part(key, "transformer", Weights(), None)


def test_the_same_key_is_the_same_part():
    registry, one, other = Registry(), Holder(), Holder()
    made = []

    def make() -> Part:
        made.append(1)
        return part("a")

    assert registry.part("a", make, one) is registry.part("a", make, other)
    assert registry.part("b", lambda: part("b"), one) is not registry.part("a", make, one)
    assert made == [1]


def test_a_part_stays_until_its_last_holder_is_gone():
    registry, one, other = Registry(), Holder(), Holder()
    weights = weakref.ref(registry.part("a", lambda: part("a"), one).module)
    registry.part("a", lambda: part("a"), other)
    del one
    gc.collect()
    assert weights() is not None and registry.keys() == ("a",)
    del other
    gc.collect()
    assert weights() is None and registry.keys() == ()


def test_idle_parts_stay_while_there_is_room_and_go_oldest_first():
    room = 1.0
    registry, holder = Registry(lambda: room), Holder()
    for key in "abc":
        registry.part(key, lambda key=key: part(key), holder)
    registry.part("a", lambda: pytest.fail("a is here"), holder)
    del holder
    gc.collect()
    assert registry.keys() == ("b", "c", "a")
    back = Holder()
    registry.part("c", lambda: pytest.fail("c is here, nobody needs to read it again"), back)
    room = 0
    registry.trim()
    assert registry.keys() == ("c",)


def test_room_is_asked_for_again_after_each_part_that_goes():
    answers = iter([1, 1, 1, 1, 1, 1, 0, 0, 5])
    registry, holder = Registry(lambda: next(answers, 5)), Holder()
    for key in "abcd":
        registry.part(key, lambda key=key: part(key), holder)
    answers = iter([0, 0, 5])
    del holder
    gc.collect()
    assert registry.keys() == ("c", "d")


def test_what_is_idle_makes_room_before_the_next_is_read():
    room = 1.0
    registry, holder = Registry(lambda: room), Holder()
    weights = weakref.ref(registry.part("a", lambda: part("a"), holder).module)
    del holder
    gc.collect()
    assert weights() is not None
    room = -1

    def make() -> Part:
        assert weights() is None, "a was still there while b was read"
        return part("b")

    keep = Holder()
    registry.part("b", make, keep)


def test_two_who_ask_at_once_load_once():
    registry, holders, made = Registry(), [Holder() for _ in range(8)], []
    started, go = threading.Event(), threading.Event()

    def make() -> Part:
        made.append(threading.get_ident())
        started.set()
        assert go.wait(20)
        return part("a")

    found = []
    threads = [
        threading.Thread(target=lambda h=h: found.append(registry.part("a", make, h))) for h in holders
    ]
    for thread in threads:
        thread.start()
    assert started.wait(20)
    other = Holder()
    registry.part("b", lambda: part("b"), other)  # another key waits for nobody
    go.set()
    for thread in threads:
        thread.join(20)
    assert len(made) == 1 and len(found) == 8 and len({id(one) for one in found}) == 1


def test_what_loading_raises_comes_through_and_the_next_one_tries_again():
    registry, holder = Registry(), Holder()
    for trouble in (OSError("cut short"), KeyboardInterrupt()):

        def make(trouble=trouble) -> Part:
            raise trouble

        with pytest.raises(type(trouble)):
            registry.part("a", make, holder)
    assert registry.keys() == ()
    assert registry.part("a", lambda: part("a"), holder).key == "a"


def test_an_id_that_is_used_again_is_another_holder():
    registry = Registry()
    for _ in range(200):
        holder = Holder()
        registry.part("a", lambda: part("a"), holder)
        assert registry.keys() == ("a",)
        del holder
    gc.collect()
    assert registry.keys() == () and not registry._numbers


@pytest.fixture
def small_heap():
    """What the tests before have loaded is not looked through at every collection, which would take a second each."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def test_a_holder_may_die_in_the_collector_at_any_moment(small_heap):
    """Holders in reference cycles, collected inside whatever the threads are doing."""
    registry = Registry(lambda: 0)
    gc.disable()

    def work(name: str) -> None:
        for number in range(150):
            holder = Holder()
            holder.itself = holder
            registry.part(f"{name}{number % 3}", lambda: part(name), holder)
            if number % 7 == 0:
                gc.collect()

    try:
        threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads)
    finally:
        gc.enable()
    gc.collect()
    registry.trim()
    assert registry.keys() == ()


def test_a_collection_under_the_lock_does_not_lock_up(small_heap):
    """`spare` is asked under the lock; here it runs the collector, which finds a dead holder."""
    registry = Registry(lambda: gc.collect() * 0)
    for number in range(20):
        holder = Holder()
        holder.itself = holder
        registry.part(f"k{number}", lambda: part("k"), holder)
        del holder
    gc.collect()
    registry.trim()
    assert registry.keys() == ()
