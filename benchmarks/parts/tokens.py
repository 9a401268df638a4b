"""What it costs to verify an access token: ours beside the bare library and the peers."""

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import jwt
from authx.schema import RequestToken
from authx.token import decode_token
from crudauth.transports.bearer import tokens as crudauth
from fastapi_users.authentication import JWTStrategy
from joserfc import jwt as joserfc

from benchmarks.options import Options
from benchmarks.page import Page, Table, Verdict
from benchmarks.servers import Servers
from coatcheck.core.entropy import SystemEntropy
from coatcheck.tokens import FixedKeys, Verifier
from coatcheck.tokens.key import Key, generate, shared_secret

ISSUER, AUDIENCE = "https://shop.example", "billing"
SECRET = "qMUwcpSOHLlc0YwJDrOmqVhCZ2EMEPsZmEDbp9p3LVA="
BARE, OURS = "joserfc, bare", "Coatcheck's Verifier"
SEED = 17
LIMIT = 1.15
ABOUT = """
Microseconds to verify one access token: median and quartiles of {rounds} interleaved rounds, {requests}
tokens per sample; ratios are the median of those within a round. The bare library checks the signature
and nothing else. The peers are what an application calls for each request: they check expiry and
audience, crudauth the kind of token, and fastapi-users looks its user up, here in a dictionary.
crudauth signs with a shared secret by design.
"""

Verify = Callable[[], Awaitable[Any]]


def claims() -> dict[str, Any]:
    now = int(time.time())
    return {
        "iss": ISSUER,
        "sub": "13892b8b853a4282e091f511d6ad3df5",
        "aud": AUDIENCE,
        "sid": "5b0f6c1e0f7a4c55a3d1b2c3d4e5f607",
        "client_id": "first-party",
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
        "jti": "k8Xf0Yv5Qk2m1Zt7cW3bAg",
        "auth_time": now,
        "amr": ["pwd"],
        "roles": ["user"],
        "token_type": "access",
        "type": "access",
    }


class Users:
    """What fastapi-users asks for a user."""

    def parse_id(self, text: str) -> str:
        return text

    async def get(self, id: str) -> str:
        return id


def variants(key: Key) -> dict[str, Verify]:
    """Return what can verify tokens of a key, and has verified one."""
    algorithm = key.algorithm
    header = {"alg": algorithm, "typ": "at+jwt", "kid": key.kid}
    text = joserfc.encode(header, claims(), key.jose, algorithms=[algorithm])
    shared = key.is_shared
    secret = key.jose.get_op_key("verify") if shared else key.jose.as_pem(private=False).decode()
    verifier = Verifier(ISSUER, AUDIENCE, keys=FixedKeys([key]))
    strategy: Any = JWTStrategy(
        secret if shared else key.jose.as_pem(private=True).decode(),
        3600,
        [AUDIENCE],
        algorithm,
        None if shared else secret,
    )

    async def bare() -> Any:
        return joserfc.decode(text, key.jose, algorithms=[algorithm])

    known = secret if shared else jwt.PyJWK(key.public_jwk())

    async def pyjwt() -> Any:
        return jwt.decode(text, known, algorithms=[algorithm], audience=AUDIENCE, issuer=ISSUER)

    async def authx() -> Any:
        return decode_token(RequestToken(token=text, location="headers").token, secret, [algorithm], AUDIENCE)

    found = {
        BARE: bare,
        OURS: lambda: verifier.verify(text),
        "PyJWT, with audience and issuer": pyjwt,
        "fastapi-users": lambda: strategy.read_token(text, Users()),
        "authx": authx,
    }
    if shared:
        own = joserfc.encode({"alg": "HS256"}, claims() | {"aud": None}, key.jose)

        async def crud() -> Any:
            return crudauth.verify_token(own, secret, crudauth.TokenType.ACCESS)

        found["crudauth"] = crud
    return found


async def sample(verify: Verify, count: int) -> float:
    """Return microseconds for one."""
    begun = time.perf_counter()
    for _ in range(count):
        await verify()
    return (time.perf_counter() - begun) / count * 1e6


async def measure(found: dict[str, Verify], rounds: int, count: int) -> dict[str, list[float]]:
    order, samples = random.Random(SEED), {name: [] for name in found}
    for name, verify in found.items():
        assert await verify() is not None, name
        await sample(verify, count)
    for _ in range(rounds):
        for name in order.sample(list(found), len(found)):
            samples[name].append(await sample(found[name], count))
    return samples


def run(options: Options, servers: Servers) -> Page:
    del servers  # nothing is stored
    tables, verdicts = [], []
    for key in (generate("ES256", SystemEntropy()), shared_secret(SECRET)):
        samples = asyncio.run(measure(variants(key), options.rounds, options.requests))
        tables.append(Table(key.algorithm, ("what", "µs", "quartiles", "of bare"), rows(samples)))
        if not key.is_shared:
            verdicts.append(Verdict(f"{OURS}, ES256: of {BARE}", LIMIT, ratio(samples, OURS)))
    about = ABOUT.format(rounds=options.rounds, requests=options.requests)
    return Page("What it costs to verify an access token", about, tables, verdicts)


def rows(samples: dict[str, list[float]]) -> Sequence[tuple[str, ...]]:
    found = []
    for name, taken in samples.items():
        low, middle, high = statistics.quantiles(taken, n=4)
        found.append((name, f"{middle:.1f}", f"{low:.1f} to {high:.1f}", f"{ratio(samples, name):.2f}"))
    return found


def ratio(samples: dict[str, list[float]], name: str) -> float:
    """Return how often the bare library's time it takes: what slows the machine down slows both."""
    return statistics.median(one / bare for one, bare in zip(samples[name], samples[BARE], strict=True))
