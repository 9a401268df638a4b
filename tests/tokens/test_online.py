"""Asking the issuer about a token: what it says counts, and no answer is no answer."""

import json

import msgspec
import pytest

from coatcheck import ConfigurationError
from coatcheck.core.errors import CorruptRecord, StoreUnavailable
from coatcheck.core.reason import Reason
from coatcheck.stores import MemoryStore
from coatcheck.testing import ManualClock
from coatcheck.tokens import AccessToken, Introspection, Invalid, IssuerUnavailable, StoreSessions
from coatcheck.tokens.fetching import FetchFailed
from tests.core.support import ADA, make_record
from tests.tokens.support import check, claims, forge

TEXT = forge()
TOKEN = check(TEXT)
ACTIVE = {"active": True, "sub": "u1", "sid": claims()["sid"], "roles": ["reader"], "exp": 1}


def asking(answer):
    asked = []

    async def fetch(url, body=None, headers=None, /):
        asked.append((url, body, headers))
        if answer is None:
            raise FetchFailed("cut")
        return answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    return Introspection("https://app.test/auth/introspect", "billing", "secret", fetch=fetch), asked


async def test_an_active_token_comes_back_with_the_roles_of_now():
    online, asked = asking(ACTIVE)
    token = await online.confirm(TOKEN, TEXT)
    assert isinstance(token, AccessToken)
    assert token.roles == ("reader",)
    [(url, body, headers)] = asked
    assert (url, body) == ("https://app.test/auth/introspect", f"token={TEXT}".encode())
    assert headers["Authorization"] == "Basic YmlsbGluZzpzZWNyZXQ="


@pytest.mark.parametrize("answer", [{"active": False}, ACTIVE | {"sub": "u2"}, ACTIVE | {"sid": "other"}])
async def test_what_is_not_active_or_about_somebody_else_is_revoked(answer):
    assert await asking(answer)[0].confirm(TOKEN, TEXT) is Invalid.REVOKED


@pytest.mark.parametrize("answer", [None, b"", b"\xff", b"[]", {}, {"active": "true"}, ACTIVE | {"roles": 1}])
async def test_no_answer_is_never_taken_for_a_yes_or_a_no(answer):
    with pytest.raises(IssuerUnavailable, match="can be repeated"):
        await asking(answer)[0].confirm(TOKEN, TEXT)


async def test_a_session_that_cannot_be_read_and_a_grant_that_is_gone_count_as_revoked():
    record = make_record(identity=msgspec.structs.replace(ADA, user_id="u1"))

    class Corrupt(MemoryStore):
        async def load(self, id):
            raise CorruptRecord("spoilt")

    class Kept(MemoryStore):
        async def load(self, id):
            return record

    clock = ManualClock(record.created_at)
    assert await StoreSessions(Corrupt()).confirm(TOKEN, TEXT) is Invalid.REVOKED
    assert isinstance(await StoreSessions(Kept(), clock=clock).confirm(TOKEN, TEXT), AccessToken)
    given_back = msgspec.structs.replace(TOKEN, grant="0" * 16)
    assert await StoreSessions(Kept(), clock=clock).confirm(given_back, TEXT) is Invalid.REVOKED


async def test_a_session_that_moved_to_another_store_is_not_revoked():
    record = make_record(identity=msgspec.structs.replace(ADA, user_id="u1"))

    class Left(MemoryStore):
        async def load(self, id):
            return record.entomb(Reason.MOVED, record.created_at)

    with pytest.raises(StoreUnavailable, match="moved"):
        await StoreSessions(Left()).confirm(TOKEN, TEXT)


def test_the_secret_is_sent_over_https_alone():
    with pytest.raises(ConfigurationError, match="Use https"):
        Introspection("http://app.test/auth/introspect", "billing", "secret")
