"""How often a password may be tried: decided before any password is looked at.

An attempt is counted when it begins, not when it fails, so a thousand parallel attempts get no
more tries than a thousand in a row. The counts live in the store: they survive a restart and are
shared by all workers.
"""

from dataclasses import dataclass

import msgspec

from coatcheck.core.device import network
from coatcheck.core.errors import ConfigurationError
from coatcheck.core.lifetimes import DAY, MINUTE
from coatcheck.manager.rows import Step, TypedRows

NIST_STOP = 100  # NIST SP 800-63B-4 section 3.2.2: no more than 100 consecutive failures


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrottlePolicy:
    """How fast passwords may be tried (ASVS 6.1.1, 6.3.1).

    Attributes:
        free: Consecutive failures without any delay.
        first_delay: Seconds between the next two attempts; doubles with each (OWASP).
        longest_delay: Seconds beyond which the delay does not grow.
        stop: Consecutive failures after which even the right password fails, until an operator or
            a recovery resets the count (NIST SP 800-63B-4 section 3.2.2: at most 100).
        device_stop: The same for one known device, which then counts as a stranger's.
        address_limit: Attempts within `address_window` from one address, whatever the account; and
            from one known device, whose attempts its address does not count.
        address_window: Seconds.
        memory: Seconds for which failures are remembered after the last of them.
    """

    free: int = 5
    first_delay: float = 1.0
    longest_delay: float = 15 * MINUTE
    stop: int = NIST_STOP
    device_stop: int = 10
    address_limit: int = 20
    address_window: float = MINUTE
    memory: float = 400 * DAY

    def __post_init__(self) -> None:
        if not 0 < self.device_stop <= self.stop <= NIST_STOP:
            raise ConfigurationError(
                f"device_stop={self.device_stop} and stop={self.stop} do not fit together",
                remedy=f"Keep 0 < device_stop <= stop <= {NIST_STOP} (NIST SP 800-63B-4)",
            )
        if self.free < 0 or not 0 < self.first_delay <= self.longest_delay:
            raise ConfigurationError(
                f"free={self.free}, first_delay={self.first_delay:g} and "
                f"longest_delay={self.longest_delay:g} do not fit together",
                remedy="Keep free at 0 or more, and 0 < first_delay <= longest_delay",
            )
        if self.address_limit < 1 or self.address_window <= 0 or self.memory < self.longest_delay:
            raise ConfigurationError(
                f"address_limit={self.address_limit}, address_window={self.address_window:g} and "
                f"memory={self.memory:g} leave attempts uncounted",
                remedy="Keep address_limit at 1 or more, address_window above 0, and memory >= longest_delay",
            )

    def delay(self, failures: int) -> float:
        """Return the seconds that must pass after so many consecutive failures."""
        if failures < self.free:
            return 0.0
        return min(self.longest_delay, self.first_delay * 2.0 ** min(failures - self.free, 64))


class Failures(msgspec.Struct, frozen=True, array_like=True):
    """What one lane remembers: consecutive failures, attempts under way included.

    Attributes:
        count: How many.
        last_at: When the last attempt began, in seconds since the epoch.
    """

    count: int = 0
    last_at: float = 0.0


class Allowed(msgspec.Struct, frozen=True):
    """The attempt may go on; it counts as a failure until it succeeds."""

    state: Failures


class Wait(msgspec.Struct, frozen=True):
    """The attempt is refused without looking at the password.

    Attributes:
        retry_after: Seconds after which it would be looked at.
        stopped: It would not: too many failures, until somebody resets the count.
    """

    retry_after: float
    stopped: bool = False


def decide(state: Failures, now: float, policy: ThrottlePolicy, *, stop: int | None = None) -> Allowed | Wait:
    """Judge one attempt at `now` (seconds since the epoch); `stop` replaces the policy's."""
    if state.count >= (policy.stop if stop is None else stop):
        return Wait(policy.longest_delay, stopped=True)
    remaining = policy.delay(state.count) - max(0.0, now - state.last_at)
    if state.count and remaining > 0:
        return Wait(remaining)
    return Allowed(Failures(state.count + 1, max(now, state.last_at)))


def decide_origin(times: tuple[float, ...], now: float, policy: ThrottlePolicy) -> tuple[float, ...] | Wait:
    """Judge one more attempt from a place; `times` are those of the attempts before, in seconds."""
    recent = tuple(time for time in times if now - time < policy.address_window)
    if len(recent) < policy.address_limit:
        return (*recent, now)
    oldest = recent[-policy.address_limit]
    return Wait(min(policy.address_window, oldest + policy.address_window - now))


class Attempt(msgspec.Struct, frozen=True):
    """A counted attempt, to be given back where it should not have counted: the key of its lane."""

    lane: str


class Throttle:
    """Counts attempts in the store's rows.

    Args:
        store: Where the counts live; it must have the skill `Rows`.
        policy: How fast passwords may be tried.
    """

    def __init__(self, store: object, policy: ThrottlePolicy | None = None) -> None:
        self.policy = policy or ThrottlePolicy()
        self._failures = TypedRows(store, "throttle:", Failures, Failures())
        self._origins = TypedRows(store, "throttle:origin:", tuple[float, ...], ())

    async def reserve(
        self, subject: str, now: float, *, ip: str = "", known: str | None = None
    ) -> Attempt | Wait:
        """Count an attempt before its password is looked at.

        Args:
            subject: The account, or the name that is no account; both count alike.
            now: Seconds since the epoch.
            ip: Address of the peer; not counted for a known device, whose owner may share it.
            known: What vouches for the client (a known device, a session): a lane of its own, so that
                strangers who lock themselves out do not lock the owner out (ASVS 6.1.1).
        """
        if known is not None:
            lane = f"known {subject} {known}"
            if wait := await self._count_origin(lane, now):
                return wait
            verdict = await self._count(lane, now, self.policy.device_stop)
            if not isinstance(verdict, Wait) or not verdict.stopped:
                return verdict
        if wait := await self.reserve_address(ip, now):
            return wait
        return await self._count(_strangers(subject), now, self.policy.stop)

    async def reserve_address(self, ip: str, now: float) -> Wait | None:
        """Count an attempt from an address alone; an unknown address cannot be counted."""
        return await self._count_origin(network(ip), now) if ip else None

    async def succeeded(self, attempt: Attempt) -> None:
        """Forget the failures of the lane: the password was right."""
        await self._failures.delete(attempt.lane)

    async def give_back(self, attempt: Attempt) -> None:
        """Take back one attempt whose password was never looked at."""

        def take_back(state: Failures) -> Step[Failures, None]:
            less = Failures(max(0, state.count - 1), state.last_at)
            return Step(None, less, state.last_at + self.policy.memory)

        await self._failures.change(attempt.lane, take_back)

    async def reset(self, subject: str) -> None:
        """Let strangers try again: an operator or a recovery has dealt with the account."""
        await self._failures.delete(_strangers(subject))

    async def _count_origin(self, origin: str, now: float) -> Wait | None:
        def count(times: tuple[float, ...]) -> Step[tuple[float, ...], Wait | None]:
            verdict = decide_origin(times, now, self.policy)
            if isinstance(verdict, Wait):
                return Step(verdict)
            return Step(None, verdict, now + self.policy.address_window)

        return await self._origins.change(origin, count)

    async def _count(self, lane: str, now: float, stop: int) -> Attempt | Wait:
        def count(state: Failures) -> Step[Failures, Attempt | Wait]:
            verdict = decide(state, now, self.policy, stop=stop)
            if isinstance(verdict, Wait):
                return Step(verdict)
            return Step(Attempt(lane), verdict.state, verdict.state.last_at + self.policy.memory)

        return await self._failures.change(lane, count)


def _strangers(subject: str) -> str:
    return f"account {subject}"
