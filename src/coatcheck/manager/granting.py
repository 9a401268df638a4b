"""Grants: refresh tokens begun, exchanged and given back, and sessions opened by an access token."""

from hmac import compare_digest
from typing import Any

import msgspec

from coatcheck.core import grant as kept
from coatcheck.core import grants, touch
from coatcheck.core.chain import KEY_BYTES, NEXT, start
from coatcheck.core.change import Change, Regrant
from coatcheck.core.client import Client
from coatcheck.core.errors import SessionEnded, StoreUnavailable
from coatcheck.core.events import GrantCreated, GrantRevoked, GrantRotated, TokenMalformed, TokenUnknown
from coatcheck.core.grant import Grant
from coatcheck.core.plan import UNKNOWN, Admission
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.session import Session
from coatcheck.core.token import Token, another, parse
from coatcheck.manager import opening
from coatcheck.manager.context import Context
from coatcheck.manager.own import own_record

ATTEMPTS = 100  # clients of one session that refresh at the same moment; somebody succeeds each time


class Granted(msgspec.Struct, frozen=True):
    """What a client of a session gets.

    Attributes:
        record: The session as it is now.
        grant: Id of the grant that access tokens go out with.
        step: Which token of its chain they go out with.
        token: The refresh token to use next time; None: the one the client has.
    """

    record: Record
    grant: str
    step: int
    token: Token | None


class Grants:
    """Acts on the grants of sessions. A grant ends with its session; reuse in one ends the session."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def begin(self, session: Session[Any]) -> Granted:
        """Open a grant in a session; the oldest of ten makes room.

        The record that the write returns is judged again. A password that was proven before the write
        ended the family of whoever asked, and the grant goes again before its token was ever shown; one
        that is proven after it ends all grants by its own write.

        Raises:
            SessionEnded: Nobody is signed in, the session is over, or the password was proven meanwhile.
            Impersonated: An operator looks at the app as the user.
            StoreUnavailable: The store cannot write.
        """
        record, context = own_record(session), self._context
        family = _judged_family(session, record)
        token = another(record.id, context.entropy)
        grant = Grant(chain=start(token, context.now(), context.entropy.token_bytes(KEY_BYTES)))
        for _ in range(ATTEMPTS):
            wanted = kept.add(record.grants, grant)
            saved = await self._save(record.id, Change(grants=Regrant(wanted, record.grants)))
            if not isinstance(saved, Record):
                raise SessionEnded("the session is over", reason=saved.reason if saved else Reason.REVOKED)
            record = saved
            if not compare_digest(record.chain.family_digest, family):
                await self.end(record.id, grant.id)
                raise SessionEnded("the password was proven meanwhile", reason=Reason.SUPERSEDED)
            if record.grants == wanted:
                session.rebase(record)
                context.announcer.tell(GrantCreated, session, context.now(), grant=grant.id)
                return Granted(record, grant.id, grant.chain.generation, token)
        raise _too_fast(record.id)

    async def refresh(self, text: str, client: Client, *, active: bool) -> Granted | Reason:
        """Exchange a refresh token; the reason of a refusal otherwise.

        Args:
            text: The token.
            client: Who presents it.
            active: A person acted (protocol.md section 1).

        Raises:
            StoreUnavailable: The store cannot be read, or cannot write what must not be lost.
        """
        context, now = self._context, self._context.now()
        stranger: Session[Any] = Session(client=client, opened_at=now)
        if (token := parse(text)) is None:
            context.announcer.sample(TokenMalformed, stranger, now)
            return Reason.UNKNOWN_TOKEN
        found = await self._find(token.id, client, now)
        for _ in range(ATTEMPTS):
            admission, grant = grants.admit(token, found, now, context.lifetimes.rotation)
            if not admission.admitted or grant is None or not isinstance(found, Record):
                stranger.admission = admission
                await opening.refuse(context, stranger, admission, found)
                return admission.reason or Reason.UNKNOWN_TOKEN
            handout = self._answer(token, grant, admission)
            saved = await self._write(found, grant, handout.grant, now if active else None)
            if isinstance(saved, Record) and kept.find(saved.grants, grant.id) == handout.grant:
                self._tell_rotated(saved, client, admission, handout.grant)
                return Granted(saved, grant.id, handout.step, handout.token)
            found = saved
        raise _too_fast(token.id)

    async def open(
        self, id: str, user_id: str, *, grant: str | None = "", step: int = 0, client: Client
    ) -> Session[Any]:
        """Return the session behind an access token whose signature is good; perhaps nobody's.

        The first use of a token that went out with a successor retires the refresh token before it.

        Args:
            id: The session.
            user_id: Whose the token says it is.
            grant: Id of the grant it went out with, which the session must have; with None it need have none.
            step: Which token of that grant.
            client: Who presents it.

        Raises:
            StoreUnavailable: The store cannot be read.
        """
        context, now = self._context, self._context.now()
        found = await context.load(id)
        admission = grants.admit_bearer(user_id, grant, found, now, context.lifetimes.rotation)
        if not admission.admitted or not isinstance(found, Record):
            refused: Session[Any] = Session(None, None, admission, client=client, opened_at=now)
            await opening.refuse(context, refused, admission, found)
            refused.bearer = True
            return refused
        record = await self._confirm(found, grant, step, now) if grant else found
        opened: Session[Any] = Session(
            record, None, admission, context.data_type, client=client, opened_at=now
        )
        opened.bearer = True
        return opened

    def stranger(self, client: Client) -> Session[Any]:
        """Return nobody's session, for a bearer whose token is none of ours."""
        session: Session[Any] = Session(None, None, UNKNOWN, client=client, opened_at=self._context.now())
        session.bearer = True
        self._context.announcer.sample(TokenUnknown, session, session.opened_at)
        return session

    async def end(self, id: str, grant: str) -> bool:
        """End one grant, its access tokens included; the session goes on. Tells whether it was there.

        Raises:
            StoreUnavailable: The store cannot be used.
        """
        context = self._context
        found = await context.load(id)
        for _ in range(ATTEMPTS):
            if not isinstance(found, Record) or kept.find(found.grants, grant) is None:
                return False
            wanted = tuple(each for each in found.grants if each.id != grant)
            saved = await self._save(id, Change(grants=Regrant(wanted, found.grants)))
            if isinstance(saved, Record) and saved.grants == wanted:
                facts = {"session_id": id, "user_id": saved.user_id}
                context.announcer.tell(GrantRevoked, None, context.now(), grant=grant, **facts)
                return True
            found = saved
        raise _too_fast(id)

    async def end_of(self, text: str, client: Client) -> bool:
        """End the grant of a refresh token, whichever of its tokens it is; raises like `end`.

        Unknown ones count against the address of whoever presents them.
        """
        if (token := parse(text)) is None:
            return False
        now = self._context.now()
        found = await self._find(token.id, client, now)
        grant = grants.grant_of(token, found) if isinstance(found, Record) else None
        if grant is None:
            stranger: Session[Any] = Session(client=client, opened_at=now)
            await opening.refuse(self._context, stranger, UNKNOWN, found)
            return False
        return await self.end(token.id, grant.id)

    async def _find(self, id: str, client: Client, now: float) -> Record | Tombstone | None:
        """Read a session; an address that floods waits its turn, as with cookies."""
        strangers = self._context.strangers
        if not strangers.has_spent(client.ip, now):
            return await self._context.load(id)
        async with strangers.turn(client.ip):
            return await self._context.load(id)

    def _answer(self, token: Token, grant: Grant, admission: Admission) -> grants.Handout:
        context = self._context
        key = context.entropy.token_bytes(KEY_BYTES)
        return grants.answer(grant, token, admission.standing, context.now(), context.lifetimes.rotation, key)

    async def _write(
        self, record: Record, before: Grant, after: Grant, seen_at: float | None
    ) -> Record | Tombstone | None:
        """Store what a refresh changed, activity too, in one write at most; return the session as it is."""
        context = self._context
        timing = touch.touch_timing(record, seen_at, context.lifetimes)
        regrant = None
        if after != before:
            regrant = Regrant(kept.replace(record.grants, after), record.grants)
        elif timing is not touch.NOW:
            if timing is not touch.NONE and seen_at is not None:
                context.backlog.touch(record, seen_at, touch.touch_interval(record, context.lifetimes))
            return record
        return await self._save(record.id, Change(grants=regrant, seen_at=seen_at))

    async def _save(self, id: str, change: Change) -> Record | Tombstone | None:
        """Store a change; return the session as it is, or what is left of it."""
        return await self._context.store.save(id, change) or await self._context.load(id)

    async def _confirm(self, record: Record, id: str, step: int, now: float) -> Record:
        grant = kept.find(record.grants, id)
        confirmed = grant and grant.confirmed(step, now)
        if confirmed is None:
            return record
        regrant = Regrant(kept.replace(record.grants, confirmed), record.grants)
        try:
            return await self._context.store.save(record.id, Change(grants=regrant)) or record
        except StoreUnavailable:
            return record  # its next use will tell

    def _tell_rotated(self, record: Record, client: Client, admission: Admission, grant: Grant) -> None:
        if admission.standing is NEXT:
            session: Session[Any] = Session(record, client=client)
            generation = grant.chain.generation
            context = self._context
            context.announcer.tell(
                GrantRotated, session, context.now(), grant=grant.id, generation=generation
            )


def _judged_family(session: Session[Any], record: Record) -> bytes:
    """Return the family that whoever asks was admitted by; a record may have been read anew since."""
    if session.token is None or session.acts.authenticated is not None:
        return record.chain.family_digest
    return session.token.family_digest


def _too_fast(id: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"the grants of session {id} change faster than they can be written", remedy="Try again in a moment"
    )
