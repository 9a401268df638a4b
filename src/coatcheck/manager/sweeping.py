"""Sweeping: what is over goes for good, one batch at a time."""

from coatcheck.core.errors import ConfigurationError
from coatcheck.manager.context import Context

BATCH = 500
MAX_SKEW = 60.0  # protocol.md section 1: a sweeper with a wrong clock would delete the living


async def sweep(context: Context, retention: float, limit: int) -> int:
    """Delete at most `limit` rows of what was over for longer than `retention` seconds."""
    await context.measure_clock()
    if abs(context.offset) > MAX_SKEW:
        raise ConfigurationError(
            f"this clock and the store's differ by {context.offset:.0f} seconds",
            remedy="Synchronise the clocks (NTP) before sweeping",
        )
    return await context.store.sweep(context.now() - retention, limit)
