"""When activity reaches the store, by a table."""

import pytest

from coatcheck.core.touch import Touch, touch_timing
from tests.core.support import LIFETIMES, T0, make_record


@pytest.mark.parametrize(
    ("after", "idle", "absolute_after", "timing"),
    [
        (None, 1800.0, 43_200.0, Touch.NONE),
        (-1.0, 1800.0, 43_200.0, Touch.NONE),
        (0.0, 1800.0, 43_200.0, Touch.NONE),
        (0.001, 1800.0, 43_200.0, Touch.HELD),
        (59.999, 1800.0, 43_200.0, Touch.HELD),
        (60.0, 1800.0, 43_200.0, Touch.SOON),
        (1679.999, 1800.0, 43_200.0, Touch.SOON),
        (1680.0, 1800.0, 43_200.0, Touch.NOW),
        (1800.0, 1800.0, 43_200.0, Touch.NOW),
        (1800.001, 1800.0, 43_200.0, Touch.NONE),
        (100.0, 1800.0, 99.0, Touch.NONE),
        (100.0, 1800.0, 100.0, Touch.SOON),
        (9.999, 100.0, 43_200.0, Touch.HELD),
        (10.0, 100.0, 43_200.0, Touch.SOON),
        (79.999, 100.0, 43_200.0, Touch.SOON),
        (80.0, 100.0, 43_200.0, Touch.NOW),
    ],
)
def test_when_activity_reaches_the_store(after, idle, absolute_after, timing):
    record = make_record(idle=idle, absolute_at=T0 + absolute_after)
    assert touch_timing(record, None if after is None else T0 + after, LIFETIMES) is timing
