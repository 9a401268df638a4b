"""What rules remember is bounded."""

from coatcheck.watch.anomaly.memory import Memory, Window


def test_the_key_put_least_recently_makes_room():
    memory = Memory(keys=2)
    for key in ("a", "b", "a", "c"):
        memory.put(key, key)
    assert (memory.get("a"), memory.get("b"), memory.get("c")) == ("a", None, "c")


def test_a_window_counts_each_value_once_and_forgets_what_is_old():
    window = Window(seconds=10, values=5)
    for at, value in ((0, "a"), (1, "b"), (2, "a")):
        window.add("k", value, at)
    assert window.of("k", 3) == {"b": 1, "a": 2}
    assert window.of("k", 11.5) == {"a": 2}
    assert window.of("another", 3) == {}


def test_a_window_keeps_only_the_youngest_values():
    window = Window(seconds=10, values=2)
    for at, value in ((0, "a"), (1, "b"), (2, "a"), (3, "c")):
        window.add("k", value, at)
    assert window.of("k", 3) == {"a": 2, "c": 3}


def test_a_value_can_be_taken_back():
    window = Window(seconds=10, values=2)
    window.add("k", "a", 0)
    window.discard("k", "a")
    window.discard("k", "b")
    window.discard("another", "a")
    assert window.of("k", 0) == {}
