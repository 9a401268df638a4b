import asyncio
import os
import signal

import pytest

from coatcheck.web.stopping import when_told_to_stop


@pytest.fixture
def served():
    """What the server's own handler was told."""
    told = []
    before = signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    yield told
    signal.signal(signal.SIGTERM, before)


async def test_who_is_told_to_stop_acts_and_tells_the_server(served):
    acted = asyncio.Event()
    with when_told_to_stop(acted.set):
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(acted.wait(), 5)
    assert served == [signal.SIGTERM]


async def test_afterwards_the_handlers_are_the_servers_again(served):
    before = signal.getsignal(signal.SIGTERM)
    with when_told_to_stop(lambda: None):
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


async def test_a_handler_set_meanwhile_stays(served):
    with when_told_to_stop(lambda: None):
        later = signal.signal(signal.SIGTERM, signal.SIG_IGN)
        assert callable(later)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN


async def test_another_thread_is_left_alone(served):
    before = signal.getsignal(signal.SIGTERM)

    def elsewhere():
        with when_told_to_stop(lambda: None):
            return signal.getsignal(signal.SIGTERM)

    assert await asyncio.to_thread(elsewhere) is before
