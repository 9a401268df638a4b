"""Fetching keys: once for all who wait, seldom, and never because a token says so."""

import asyncio
import json

import pytest

from coatcheck import ConfigurationError
from coatcheck.testing import ManualClock, SeededEntropy
from coatcheck.tokens import IssuerUnavailable, RemoteKeys
from coatcheck.tokens.fetching import FetchFailed
from coatcheck.tokens.key import generate
from tests.tokens.support import ES256, KEYS

URL = "https://app.test/.well-known/jwks.json"
OTHER = KEYS["Ed25519"]


class Web:
    """An issuer at the other end of a wire that can be cut."""

    def __init__(self):
        self.keys = [ES256.public_jwk()]
        self.content = None
        self.cut = False
        self.fetched = []

    async def fetch(self, url, body=None, headers=None, /):
        self.fetched.append(url)
        await asyncio.sleep(0)
        if self.cut:
            raise FetchFailed("cut")
        return json.dumps({"keys": self.keys}).encode() if self.content is None else self.content


@pytest.fixture
def web():
    return Web()


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def keys(web, clock):
    return RemoteKeys(URL, fetch=web.fetch, clock=clock, entropy=SeededEntropy())


async def test_who_comes_at_once_waits_for_one_fetch(web, keys):
    found = await asyncio.gather(*(keys.find(ES256.kid) for _ in range(50)))
    assert {key.kid for key in found} == {ES256.kid}
    assert web.fetched == [URL]
    assert not found[0].can_sign


async def test_keys_are_kept_for_five_minutes(web, keys, clock):
    await keys.find(ES256.kid)
    clock.advance(300)
    await keys.find(ES256.kid)
    assert len(web.fetched) == 1
    web.keys = [OTHER.public_jwk()]
    clock.advance(1)
    assert await keys.find(ES256.kid) is None
    assert (await keys.find(OTHER.kid)).algorithm == "Ed25519"
    assert len(web.fetched) == 2


async def test_an_unknown_id_fetches_anew_at_most_once_in_half_a_minute(web, keys, clock):
    for number in range(100):
        assert await keys.find(f"made-up-{number}") is None
    assert len(web.fetched) == 1
    web.keys.append(OTHER.public_jwk())
    clock.advance(31)
    assert (await keys.find(OTHER.kid)).kid == OTHER.kid
    assert await keys.find("made-up") is None
    assert len(web.fetched) == 2


async def test_while_the_issuer_is_away_known_keys_serve_for_an_hour(web, keys, clock):
    await keys.find(ES256.kid)
    web.cut = True
    clock.advance(301)
    assert (await keys.find(ES256.kid)).kid == ES256.kid
    clock.advance(3600)
    with pytest.raises(IssuerUnavailable, match="can be repeated"):
        await keys.find(ES256.kid)
    web.cut = False
    clock.advance(60)
    assert (await keys.find(ES256.kid)).kid == ES256.kid


async def test_failures_are_followed_by_ever_longer_pauses(web, keys, clock):
    web.cut = True
    for _ in range(3600):
        with pytest.raises(IssuerUnavailable):
            await keys.find(ES256.kid)
        clock.advance(1)
    assert 60 < len(web.fetched) < 130


async def test_one_who_gives_up_waiting_does_not_spoil_it_for_others(web, keys):
    hurried = asyncio.create_task(keys.find(ES256.kid))
    patient = asyncio.create_task(keys.find(ES256.kid))
    await asyncio.sleep(0)
    hurried.cancel()
    assert (await patient).kid == ES256.kid
    assert len(web.fetched) == 1


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"{}", b'{"keys":1}', b'{"keys":[1]}', b"\xff"])
async def test_an_answer_that_is_no_key_set_is_a_failure(web, keys, content):
    web.content = content
    with pytest.raises(IssuerUnavailable):
        await keys.find(ES256.kid)


@pytest.mark.parametrize(
    "change",
    [
        {"kid": None},
        {"kid": 1},
        {"kid": "../x"},
        {"use": "enc"},
        {"alg": "HS256"},
        {"alg": None},
        {"alg": "Ed25519"},
        {"kty": "oct"},
        {"x": "AA"},
        {"crv": "P-384"},
        {"d": "AA"},
    ],
)
async def test_a_key_that_cannot_verify_our_tokens_is_left_out_and_the_rest_stays(web, keys, change):
    web.keys = [ES256.public_jwk() | change, OTHER.public_jwk()]
    assert await keys.find(ES256.kid) is None
    assert (await keys.find(OTHER.kid)).kid == OTHER.kid


async def test_a_set_without_end_is_cut_short(web, keys):
    many = [generate("Ed25519", SeededEntropy(seed)) for seed in range(65)]
    web.keys = [key.public_jwk() for key in many]
    assert (await keys.find(many[63].kid)).kid == many[63].kid
    assert await keys.find(many[64].kid) is None


@pytest.mark.parametrize(
    "url", ["http://app.test/keys", "file:///etc/passwd", "ftp://app.test", "app.test", ""]
)
def test_keys_are_fetched_over_https_alone(url):
    with pytest.raises(ConfigurationError):
        RemoteKeys(url)
