"""Our tokens and key sets, read by libraries that never heard of us."""

import asyncio
import json
import shutil
import subprocess

import jwt
import pytest
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry, decode

from coatcheck.testing import ManualClock, SeededEntropy
from coatcheck.tokens import FixedKeys, Issuer, TokenPolicy
from tests.house import ROOT
from tests.tokens.support import ES256, KEYS, NOW
from tests.tokens.test_issuing import record

ISSUER = "https://app.test"
CLIENT = ROOT / "client"
SCRIPT = """
import { createLocalJWKSet, jwtVerify } from "jose";
const { token, keys, now } = JSON.parse(process.argv[1]);
const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys), {
  issuer: "https://app.test", audience: "api", typ: "at+jwt", currentDate: new Date(now * 1000),
  requiredClaims: ["sub", "client_id", "jti", "sid"],
});
console.log(JSON.stringify({ sub: payload.sub, alg: protectedHeader.alg }));
"""


async def issued(key):
    """A token and the key set it is verified with, as anybody sees them."""
    policy = TokenPolicy(issuer=ISSUER, audience="api")
    keys = FixedKeys([key, *(other for other in KEYS.values() if other is not key)])
    token, _ = await Issuer(policy, keys, ManualClock(NOW), SeededEntropy()).issue(record())
    return token, {"keys": await keys.public()}


async def test_pyjwt_reads_our_keys_and_tokens():
    token, published = await issued(ES256)  # PyJWT 2.15 does not know Ed25519 by its RFC 9864 name
    known = {key["kid"]: jwt.PyJWK(key) for key in published["keys"] if key["alg"] == "ES256"}
    key = known[jwt.get_unverified_header(token)["kid"]]
    options = {"require": ["exp", "iat", "sub", "jti"], "verify_exp": False, "verify_iat": False}
    claims = jwt.decode(
        token,
        key,
        algorithms=["ES256"],
        audience="api",
        issuer=ISSUER,
        options={**options, "verify_nbf": False},
    )
    assert claims["sub"] == "u1"


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
async def test_joserfc_reads_our_keys_and_tokens(key):
    token, published = await issued(key)
    read = decode(token, KeySet.import_key_set(published), algorithms=["ES256", "Ed25519"])
    JWTClaimsRegistry(
        now=int(NOW), iss={"essential": True, "value": ISSUER}, aud={"essential": True, "value": "api"}
    ).validate(read.claims)
    assert read.header == {"alg": key.algorithm, "typ": "at+jwt", "kid": key.kid}


@pytest.mark.skipif(
    not (CLIENT / "node_modules/jose").is_dir() or shutil.which("node") is None,
    reason="needs node, and what `npm ci` in client/ installs",
)
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_jose_on_node_reads_our_keys_and_tokens(key):
    token, published = asyncio.run(issued(key))
    order = json.dumps({"token": token, "keys": published, "now": NOW})
    ran = subprocess.run(
        ["node", "--input-type=module", "-e", SCRIPT, order],
        check=False,
        capture_output=True,
        text=True,
        cwd=CLIENT,
        timeout=60,
    )
    assert ran.stderr == ""
    assert json.loads(ran.stdout) == {"sub": "u1", "alg": key.algorithm}
