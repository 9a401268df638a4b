"""What is issued: the claims of RFC 9068, for one audience, never past the session."""

import pytest

from coatcheck import ConfigurationError, Identity, SessionEnded
from coatcheck.core.chain import start
from coatcheck.core.record import Record
from coatcheck.core.token import mint
from coatcheck.testing import ManualClock, SeededEntropy
from coatcheck.tokens import FixedKeys, Issuer, TokenPolicy
from tests.tokens.support import ES256, ISSUER, KEYS, NOW, check, unb64

POLICY = TokenPolicy(issuer=ISSUER, audience="api", others=frozenset({"billing"}))
ADA = Identity(
    user_id="u1", roles=frozenset({"user", "admin"}), auth_time=NOW - 60.5, amr=("pwd", "otp"), name="Ada"
)


def record(identity=ADA, absolute_at=NOW + 3600):
    token = mint(SeededEntropy("session"))
    return Record(
        id=token.id,
        chain=start(token, NOW, bytes(32)),
        identity=identity,
        csrf_key=bytes(32),
        created_at=NOW,
        last_seen_at=NOW,
        idle=1800,
        absolute_at=absolute_at,
    )


def issuer(key=ES256, policy=POLICY):
    return Issuer(policy, FixedKeys([key]), ManualClock(), SeededEntropy("ids"))


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
async def test_a_token_carries_the_claims_of_rfc_9068_and_no_more(key):
    text, lifetime = await issuer(key).issue(record())
    token = check(text, key)
    assert lifetime == 300
    assert (token.iss, token.aud, token.sub, token.sid) == (ISSUER, "api", "u1", record().id)
    assert (token.client_id, token.iat, token.nbf, token.exp) == ("first-party", NOW, NOW, NOW + 300)
    assert (token.auth_time, token.amr, token.roles) == (int(NOW - 60.5), ("pwd", "otp"), ("admin", "user"))
    assert len(unb64(token.jti)) == 16
    assert unb64(text.split(".")[0]) == (
        b'{"typ":"at+jwt","alg":"%b","kid":"%b"}' % (key.algorithm.encode(), key.kid.encode())
    )
    assert b"Ada" not in unb64(text.split(".")[1])


async def test_every_token_has_an_id_of_its_own():
    one = issuer()
    assert check((await one.issue(record()))[0]).jti != check((await one.issue(record()))[0]).jti


async def test_a_token_never_outlives_its_session():
    text, lifetime = await issuer().issue(record(absolute_at=NOW + 90.7))
    assert (lifetime, check(text).exp) == (90, NOW + 90)
    with pytest.raises(SessionEnded):
        await issuer().issue(record(absolute_at=NOW + 0.5))


async def test_a_token_is_for_one_service_among_those_that_are_named():
    text, _ = await issuer().issue(record(), "billing")
    assert check(text, audience="billing").aud == "billing"
    with pytest.raises(ConfigurationError, match="no audience"):
        await issuer().issue(record(), "payroll")


async def test_nobody_gets_no_token():
    with pytest.raises(SessionEnded):
        await issuer().issue(record(identity=None))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"issuer": "http://shop.example"}, "Use https"),
        ({"issuer": "shop.example"}, "no URL"),
        ({"issuer": "https://user@shop.example"}, "no URL"),
        ({"issuer": "https://shop.example/"}, "more than an origin"),
        ({"issuer": "https://shop.example/app"}, "more than an origin"),
        ({"audience": ""}, "no name"),
        ({"others": frozenset({""})}, "no name"),
        ({"lifetime": 0}, "no time"),
        ({"lifetime": 7200}, "no time"),
    ],
)
def test_a_policy_that_cannot_work_says_so(change, complaint):
    with pytest.raises(ConfigurationError, match=complaint):
        TokenPolicy(**({"issuer": ISSUER, "audience": "api"} | change))


def test_plain_http_is_for_this_very_machine():
    assert TokenPolicy(issuer="http://127.0.0.1:8000", audience="api").issuer.startswith("http:")
