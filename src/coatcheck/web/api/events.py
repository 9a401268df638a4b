"""`GET /auth/events`: a bounded number of live streams, for each session and for each worker."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from coatcheck.web.answer import Answer
from coatcheck.web.api.call import Call
from coatcheck.web.live import HEADERS, LiveStream
from coatcheck.web.problem import problem

MOST_PER_SESSION = 4  # a browser needs one; a few more for browsers without locks between tabs
RETRY_AFTER = 5.0  # seconds
TOO_MANY_REQUESTS = 429


class Events:
    """The endpoint.

    Args:
        most: Streams that one worker keeps open.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    async def __call__(self, call: Call) -> Answer | LiveStream:
        """Open a stream, if there is room for one more."""
        id = call.session.id or ""
        if self._open.total() >= self._most or self._open[id] >= MOST_PER_SESSION:
            return problem(TOO_MANY_REQUESTS, "too_many_streams", retry_after=RETRY_AFTER)
        if call.exchange.scope["method"] == "HEAD":
            return Answer(200, HEADERS)
        return LiveStream(call.exchange, call.policy.exposed, self._place(id))

    @contextmanager
    def _place(self, id: str) -> Iterator[None]:
        self._open[id] += 1
        try:
            yield
        finally:
            self._open[id] -= 1
            if not self._open[id]:
                del self._open[id]
