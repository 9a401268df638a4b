import pytest

from coatcheck.web import body
from coatcheck.web.body import MAX_BODY


def feed(*messages):
    queue = list(messages)

    async def receive():
        return queue.pop(0) if queue else {"type": "http.disconnect"}

    return receive, queue


def part(data, more=True):
    return {"type": "http.request", "body": data, "more_body": more}


async def test_a_peeked_body_is_replayed_and_goes_on():
    big = b"x" * MAX_BODY
    receive, queue = feed(part(b"a"), part(big), part(b"b", more=False))
    start, replay = await body.peek(receive)
    assert start == (b"a" + big)[:MAX_BODY]
    assert len(queue) == 1, "no more is read than is needed"
    assert [(await replay())["body"] for _ in range(3)] == [b"a", big, b"b"]
    assert (await replay())["type"] == "http.disconnect"


async def test_a_client_that_leaves_ends_the_peek():
    receive, _ = feed(part(b"a"))
    start, replay = await body.peek(receive)
    assert start == b"a"
    assert [(await replay())["type"] for _ in range(2)] == ["http.request", "http.disconnect"]


@pytest.mark.parametrize(
    ("length", "parts", "expected"),
    [
        (None, [b"a", b"b"], b"ab"),
        (None, [b"x" * MAX_BODY], b"x" * MAX_BODY),
        (None, [b"x" * MAX_BODY, b"x"], None),
        (b"65537", [b"a"], None),
        (b"9" * 5000, [b"a"], None),
        (b"banana", [b"a"], b"a"),
        (b"1", [b"ab"], b"ab"),
    ],
)
async def test_a_body_is_read_up_to_64_kib(length, parts, expected):
    receive, _ = feed(*(part(data, i < len(parts) - 1) for i, data in enumerate(parts)))
    assert await body.read(receive, {b"content-length": length} if length else {}) == expected
