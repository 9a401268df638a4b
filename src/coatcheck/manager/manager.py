"""SessionManager: everything an app can do with sessions, without any web framework."""

from collections.abc import Coroutine, Sequence
from contextlib import AbstractContextManager
from typing import Any, Generic, Self, TypeVar

from coatcheck.core.client import NOWHERE, Client, KnownClient
from coatcheck.core.clock import Clock, SystemClock
from coatcheck.core.codec import DataType
from coatcheck.core.entropy import Entropy, SystemEntropy
from coatcheck.core.events import Event, Observer
from coatcheck.core.identity import Identity
from coatcheck.core.lifetimes import Lifetimes
from coatcheck.core.plan import NOBODY, CookieChange
from coatcheck.core.session import Session
from coatcheck.core.store import Cap, Store
from coatcheck.core.visit import Response
from coatcheck.manager import closing, opening, signin, watching, writing
from coatcheck.manager.announcer import Announcer
from coatcheck.manager.context import Context
from coatcheck.manager.users import FromOutside
from coatcheck.manager.watching import Watch

DataT = TypeVar("DataT")
Opened = Session[DataT] | Coroutine[Any, Any, Session[DataT]]


class SessionManager(FromOutside, Generic[DataT]):
    """Opens, closes, begins and ends sessions, and tells observers.

    Use it as an async context manager, as adapters do: what is still held is written when the process stops.

    Args:
        store: Where records live.
        lifetimes: Timeouts and rotation.
        observers: Receive every event.
        cap: How many sessions one user may have.
        carry_over: Keys of a visitor's data that survive sign-in.
        data_type: A dataclass, msgspec Struct or pydantic model for `Session.data`.
        clock: Tells the time.
        entropy: Draws random bytes.
    """

    def __init__(
        self,
        store: Store,
        *,
        lifetimes: Lifetimes | None = None,
        observers: Sequence[Observer] = (),
        cap: Cap | None = None,
        carry_over: frozenset[str] = frozenset(),
        data_type: type[DataT] | None = None,
        clock: Clock | None = None,
        entropy: Entropy | None = None,
    ) -> None:
        self._context = Context(
            store=store,
            clock=clock or SystemClock(),
            entropy=entropy or SystemEntropy(),
            lifetimes=lifetimes or Lifetimes(),
            announcer=Announcer(observers),
            cap=cap or Cap(),
            carry_over=carry_over,
            data_type=DataType(data_type) if data_type else None,
        )

    @property
    def store(self) -> Store:
        """The store the manager was given."""
        return self._context.store

    @property
    def staleness(self) -> float:
        """Seconds for which what other processes store can stay unseen in this one."""
        return self._context.staleness

    @property
    def lifetimes(self) -> Lifetimes:
        """The lifetimes the manager was given."""
        return self._context.lifetimes

    @property
    def entropy(self) -> Entropy:
        """The source of randomness the manager was given."""
        return self._context.entropy

    def now(self) -> float:
        """Return the time in seconds since the epoch, on the store engine's clock."""
        return self._context.now()

    def emit(self, event: Event) -> None:
        """Hand an event to every observer."""
        self._context.announcer.emit(event)

    def tell(self, kind: type[Event], session: Session[Any] | None, **facts: Any) -> None:
        """Tell of what happened now, in a session or by an operator's act; `facts` may name another user."""
        self._context.announcer.tell(kind, session, self._context.now(), **facts)

    def sample(self, kind: type[Event], session: Session[Any], **facts: Any) -> None:
        """Tell of what anybody can cause: at most once a second and address, with a `count`."""
        self._context.announcer.sample(kind, session, self._context.now(), **facts)

    async def __aenter__(self) -> Self:
        await self._context.measure_clock()
        await self._context.announcer.open(self)
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self._context.changes.close()
        await self._context.backlog.write_all()
        await self._context.announcer.close()

    async def open(
        self,
        text: str | None,
        *,
        ip: str = "",
        user_agent: str = "",
        request_id: str = "",
        fresh: bool = False,
    ) -> Session[DataT]:
        """Judge the text of a cookie and return a session, perhaps nobody's. One read at most.

        With `fresh` the store is read, whatever this process remembers.

        Raises:
            StoreUnavailable: The store cannot be read.
        """
        present = self.present_afresh if fresh else self.present
        found = present(text, KnownClient(ip, user_agent, request_id))
        return found if isinstance(found, Session) else await found

    def present(self, text: str | bytes | None, client: Client) -> Opened[DataT]:
        """Return what `open` returns: at once where no read is needed, else to be awaited."""
        return opening.open_session(self._context, text, client, self._context.recall)

    def present_afresh(self, text: str | bytes | None, client: Client) -> Opened[DataT]:
        """Return what `present` returns, judged on a read, whatever this process remembers."""
        return opening.open_session(self._context, text, client, None)

    async def refresh(self, session: Session[DataT]) -> bool:
        """Judge a session again on the store's record; call it before you refuse what it is for.

        What this process remembers may be outdated, and so only admits. Nothing is read if the session
        was read for this request; then False is returned. What was changed in the session stays.

        Raises:
            StoreUnavailable: The store cannot be read.
        """
        return await opening.refresh(self._context, session)

    def is_recalled(self, session: Session[DataT]) -> bool:
        """Tell whether a session is what this process remembers of it, and `refresh` would read it."""
        return self._context.is_recalled(session)

    def visitor(self, client: Client = NOWHERE) -> Session[DataT]:
        """Return the session of a visitor who presents nothing: no read, and no look at the clock."""
        return Session(None, None, NOBODY, self._context.data_type, client)

    async def close(
        self, session: Session[DataT], *, status: int = 200, active: bool = False, cacheable: bool = False
    ) -> CookieChange | None:
        """Store what the request did; call it before the response starts. Repeating it changes nothing.

        Args:
            session: What `open` returned.
            status: HTTP status of the response.
            active: A person acted (protocol.md section 1).
            cacheable: A shared cache may store the response.

        Returns:
            What the response must do to the cookie; None leaves it alone.

        Raises:
            StoreUnavailable: Something could not be stored that must not be lost.
            DataError: The handler left data that cannot be stored.
            SessionEnded: The token lost its standing while the request was under way.
        """
        rest = self.conclude(session, Response(status, active, cacheable))
        if rest is not None:
            await rest
        return session.closed[0] if session.closed else None

    def conclude(self, session: Session[DataT], response: Response) -> Coroutine[Any, Any, None] | None:
        """Do what `close` does without waiting; return what is left to await, None for most requests."""
        return closing.close(self._context, session, response)

    async def save(self, session: Session[DataT]) -> None:
        """Store changed data now, for a WebSocket, which has no response to do it.

        Raises:
            SessionEnded: There is no session, or it ended.
            StoreUnavailable: The store cannot write.
        """
        await writing.save(self._context, session)

    async def touch(self, session: Session[DataT], seen_at: float | None = None) -> None:
        """Record activity at once; `seen_at` in seconds since the epoch, now if left out."""
        await writing.touch(self._context, session, seen_at)

    def watch(self, session: Session[DataT]) -> AbstractContextManager[Watch]:
        """Watch the session of a stream or socket that stays open, by the token it was opened with.

        Raises:
            SessionEnded: It was opened without one.
        """
        return watching.watch(self._context, session)

    def release(self) -> None:
        """Let every stream and socket reconnect: for a server that was told to stop."""
        self._context.changes.release()

    async def begin(
        self,
        session: Session[DataT],
        user: Identity,
        *,
        refresh: signin.Refresh | None = None,
        remember: bool = False,
        amr: tuple[str, ...] = ("pwd",),
    ) -> None:
        """Sign a user in: a new session id and chain, always. It holds once the response succeeds.

        Args:
            session: The visitor's session; what it held is dropped but for `carry_over`.
            user: Who proved who they are.
            refresh: Reads the account again by user id; asked after the user's version was read, so
                a demotion that races with the sign-in wins. None means disabled.
            remember: Use the remembered lifetimes and a persistent cookie.
            amr: How they did it (RFC 8176).

        Raises:
            TooManySessions: The cap denies one more.
            SessionEnded: `refresh` says the account is gone or disabled.
            StaleUser: The user's facts keep moving.
            StoreUnavailable: The store cannot be used.
        """
        await signin.begin(self._context, session, user, refresh=refresh, remember=remember, amr=amr)

    async def reauthenticated(self, session: Session[DataT], amr: tuple[str, ...] = ("pwd",)) -> None:
        """Note that the user proved themselves again: fresh token, both deadlines anew, at `close`.

        Raises:
            SessionEnded: Nobody is signed in.
        """
        await signin.reauthenticate(self._context, session, amr)

    async def end(self, session: Session[DataT]) -> None:
        """Sign out. Safe to repeat; wins over every request in flight."""
        await signin.sign_out(self._context, session)
