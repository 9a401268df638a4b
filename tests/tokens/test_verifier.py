"""The verifier of another service, and what asking about the session adds."""

import msgspec
import pytest

from coatcheck import ConfigurationError, Identity, SessionManager
from coatcheck.core.errors import StoreUnavailable
from coatcheck.stores import MemoryStore, SqliteStore
from coatcheck.testing import CountingStore, FailingStore, ManualClock, SeededEntropy
from coatcheck.tokens import (
    AccessToken,
    FixedKeys,
    Invalid,
    Issuer,
    StoredKeys,
    StoreSessions,
    TokenPolicy,
    Verifier,
)
from tests.tokens.support import AUDIENCE, ISSUER, NOW, claims, forge, header, malleated

POLICY = TokenPolicy(issuer=ISSUER, audience=AUDIENCE)
ADA = Identity(user_id="u1", roles=frozenset({"admin"}))


class World:
    """An application that issues tokens, and a service that asks about their sessions."""

    def __init__(self, store):
        self.clock = ManualClock()
        self.store = FailingStore(store)
        self.manager = SessionManager(self.store, clock=self.clock, entropy=SeededEntropy())
        self.keys = StoredKeys(store, sealer=None, clock=self.clock, entropy=SeededEntropy("keys"))
        self.issuer = Issuer(POLICY, self.keys, self.clock, SeededEntropy("ids"))
        self.offline = Verifier(ISSUER, AUDIENCE, keys=self.keys, clock=self.clock)
        sessions = StoreSessions(self.store, clock=self.clock)
        self.online = Verifier(ISSUER, AUDIENCE, keys=self.keys, online=sessions, clock=self.clock)

    async def token(self):
        session = await self.manager.open(None)
        await self.manager.begin(session, ADA)
        await self.manager.close(session)
        self.record = session.record
        return (await self.issuer.issue(session.record))[0]


@pytest.fixture
def world():
    return World(MemoryStore())


async def test_a_token_is_verified_with_the_issuers_name_and_nothing_else(world):
    token = await world.offline.verify(await world.token())
    assert isinstance(token, AccessToken)
    assert (token.sub, token.roles) == ("u1", ("admin",))


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", Invalid.MALFORMED),
        (forge(), Invalid.UNKNOWN_KEY),
        (forge(header(typ="JWT")), Invalid.WRONG_KIND),
        (forge(None, claims(aud="other")), Invalid.UNKNOWN_KEY),
    ],
)
async def test_what_is_refused_says_why(world, text, cause):
    assert await world.offline.verify(text) is cause


async def test_without_asking_a_revoked_sessions_token_lives_out_its_minutes(world):
    text = await world.token()
    await world.manager.revoke(world.record.id)
    assert isinstance(await world.offline.verify(text), AccessToken)
    world.clock.advance(306)
    assert await world.offline.verify(text) is Invalid.EXPIRED


async def test_with_asking_it_dies_at_once_and_its_malleated_twin_too(world):
    text = await world.token()
    assert isinstance(await world.online.verify(text), AccessToken)
    await world.manager.revoke(world.record.id)
    assert await world.online.verify(text) is Invalid.REVOKED
    assert await world.online.verify(malleated(text)) is Invalid.REVOKED


async def test_with_asking_a_demotion_counts_at_once(world):
    text = await world.token()
    await world.manager.update_user(msgspec.structs.replace(ADA, roles=frozenset({"user"})))
    assert (await world.online.verify(text)).roles == ("user",)
    assert (await world.offline.verify(text)).roles == ("admin",)


async def test_a_session_that_timed_out_or_is_gone_or_cannot_be_read_gives_no_token(world, tmp_path):
    text = await world.token()
    world.clock.advance(200)
    await world.store.delete([world.record.id])
    assert await world.online.verify(text) is Invalid.REVOKED
    database = World(SqliteStore(tmp_path / "app.db"))
    text = await database.token()
    database.store.fail("load")
    with pytest.raises(StoreUnavailable):
        await database.online.verify(text)
    await database.store.close()


async def test_an_expired_session_has_no_tokens(world):
    text = await world.token()
    sessions = StoreSessions(world.store, clock=ManualClock(NOW + 3600))
    verifier = Verifier(ISSUER, AUDIENCE, keys=world.keys, online=sessions, clock=world.clock)
    assert await verifier.verify(text) is Invalid.REVOKED


async def test_what_is_refused_anyway_asks_nobody(world):
    counting = CountingStore(MemoryStore())
    verifier = Verifier(
        ISSUER, AUDIENCE, keys=FixedKeys([await world.keys.signer()]), online=StoreSessions(counting)
    )
    assert await verifier.verify("a.b.c") is Invalid.MALFORMED
    assert await verifier.verify(await world.token()) is Invalid.EXPIRED
    assert not counting.counts


def test_an_issuer_that_others_could_speak_for_is_refused():
    with pytest.raises(ConfigurationError, match="Use https"):
        Verifier("http://app.test", "api")
