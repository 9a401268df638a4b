"""Access and refresh tokens: A18 to A28, and A46 with a token in hand."""

import hmac
import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives import serialization

from coatcheck.testing import SeededEntropy
from coatcheck.tokens.claims import AccessToken, Invalid
from coatcheck.tokens.key import generate, read_key
from tests.attack.tokens import at_another_service, bearing, enter, forged, parts, signing_key
from tests.tokens.support import as_json, b64, malleated

pytestmark = pytest.mark.attack

MINE = generate("ES256", SeededEntropy("the attacker's own"))


@pytest.fixture
def client(target, user):
    return enter(target, user)


@pytest.fixture
def key(target, client):
    return signing_key(target)


def assert_refused(client, *texts):
    """By the application, on either worker, and by a verifier elsewhere; and the good one still counts."""
    now = parts(client.access)[1]["iat"] + 20
    with client.target.both() as workers:
        for text in texts:
            for worker in workers:
                response = worker.request("GET", "/me", bearing(text))
                assert (response.status, response.code) == (401, "unknown_token"), text[:80]
            verdict = at_another_service(client.target, text, now)
            assert isinstance(verdict, Invalid), text[:80]
    assert client.get().status == 200
    assert isinstance(at_another_service(client.target, client.access, now), AccessToken)


def unsigned(client, head):
    """A token that says of itself what it likes, with and without an empty signature."""
    _, payload, _ = client.access.split(".")
    start = f"{b64(as_json(parts(client.access)[0] | head))}.{payload}"
    return f"{start}.", start


def test_a18_algorithm_none(client, key):
    """Attack: JWT `alg` none in all casings, empty signature, two-part token.
    Expected: 401."""
    for name in ("none", "None", "NONE", "nOnE", "", "ES256"):
        assert_refused(
            client, *unsigned(client, {"alg": name}), forged(client.access, key, {"alg": name})[:-86]
        )


def test_a19_public_key_as_a_secret(client):
    """Attack: RS/ES to HS confusion with the public key (PEM, DER, JWK text).
    Expected: 401."""
    response = client.target.request("GET", "/auth/jwks.json")
    jwk = response.json()["keys"][0]
    public = read_key(jwk).jose.get_op_key("verify")
    encoding, form = serialization.Encoding, serialization.PublicFormat.SubjectPublicKeyInfo
    secrets = [
        public.public_bytes(encoding.PEM, form),
        public.public_bytes(encoding.DER, form),
        json.dumps(jwk).encode(),
        response.body,
        b"",
    ]
    for algorithm in ("HS256", "HS512"):
        _, start = unsigned(client, {"alg": algorithm})
        for secret in secrets:
            digest = {"HS256": "sha256", "HS512": "sha512"}[algorithm]
            assert_refused(client, f"{start}.{b64(hmac.digest(secret, start.encode(), digest))}")


def test_a20_a_key_in_the_header(client, key):
    """Attack: header `jwk`, `jku`, `x5u`, `x5c` key injection.
    Expected: 401, no outbound connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/keys"
        members = {"jwk": MINE.public_jwk(), "jku": url, "x5u": url, "x5c": ["MIIB"], "x5t": "AA"}
        for name, value in members.items():
            assert_refused(
                client,
                forged(client.access, MINE, {name: value}),
                forged(client.access, MINE, {name: value, "kid": MINE.kid}),
                forged(client.access, key, {name: value}),
            )
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a21_key_ids_nobody_gave(client, key):
    """Attack: `kid`: `../../dev/null`, SQL, URL, other tenant's, list, 10 kB.
    Expected: 401, no lookup side effect."""
    kids = [
        "../../dev/null",
        "' OR 1=1 --",
        "https://evil.test/key",
        MINE.kid,
        [key.kid],
        1,
        None,
        "k" * 10_000,
    ]
    assert_refused(client, *(forged(client.access, key, {"kid": kid}) for kid in kids))
    assert_refused(client, forged(client.access, MINE))


def test_a22_forms_and_headers_nobody_needs(client, key):
    """Attack: `crit`, `b64:false`, `zip`, nested JWE, duplicate JSON keys, JSON serialisation.
    Expected: 401."""
    head, claims = parts(client.access)
    protected, payload, signature = client.access.split(".")
    for more in (
        {"crit": ["exp"]},
        {"crit": ["b64"], "b64": False},
        {"zip": "DEF"},
        {"cty": "JWT"},
        {"enc": "A"},
    ):
        assert_refused(client, forged(client.access, key, more))
    assert_refused(
        client,
        forged(client.access, key, as_json(head)[:-1] + b', "alg": "none"}'),
        forged(client.access, key, None, as_json(claims)[:-1] + b', "sub": "u-admin"}'),
        json.dumps({"protected": protected, "payload": payload, "signature": signature}),
        f"{protected}.{payload}.{signature}.{signature}.{signature}",
        f"{client.access}=",
        f"{client.access}.",
        "x" * 60_000,
    )


def test_a23_times_that_are_none(client, key):
    """Attack: exp/nbf/iat as string, negative, 1e999, true, null, missing.
    Expected: 401."""
    claims = parts(client.access)[1]
    for name in ("exp", "nbf", "iat"):
        others = as_json({each: value for each, value in claims.items() if each != name})
        values = [b'"soon"', str(claims[name]).join('""').encode(), b"1e999", b"true", b"null", b"NaN", b"[]"]
        values += [b"-1"] if name == "exp" else [str(claims[name] + 10_000).encode()]
        texts = [others[:-1] + f', "{name}": '.encode() + value + b"}" for value in values]
        assert_refused(client, *(forged(client.access, key, None, text) for text in (others, *texts)))


def test_a24_one_kind_of_token_for_another(client, key):
    """Attack: token cross-use: refresh as access, CSRF as access, DBSC proof as access, tenant A at B.
    Expected: 401."""
    jar = client.target.sign_in(client.user)
    csrf_token = client.target.peek(jar.token)["csrf_token"]
    elsewhere = client.target.request(
        "POST", "/auth/token/refresh", json={"refresh_token": client.refresh, "audience": "billing"}
    ).json()["access_token"]
    assert_refused(
        client,
        client.refresh,
        jar.token,
        csrf_token,
        elsewhere,
        *(forged(client.access, key, {"typ": kind}) for kind in ("JWT", "dbsc+jwt", "logout+jwt")),
        forged(client.access, key, None, {"iss": "https://other.test"}),
        forged(client.access, key, None, {"aud": ["billing"]}),
    )
    for text in (client.access, jar.token, csrf_token):
        assert client.exchange(text).code == "invalid_grant"
    for text in (client.refresh, client.access[:64]):
        assert client.target.peek(text)["session"] is None
    query = client.target.request("GET", f"/me?access_token={client.access}")
    assert query.status == 401


def test_a25_another_spelling_of_a_revoked_token(client):
    """Attack: ECDSA-malleated or re-padded copy of a revoked token.
    Expected: 401."""
    twin = malleated(client.access)
    assert client.get(access=twin).status == 200  # a signature has two spellings, so texts are never revoked
    client.target.operate("revoke", id=client.id)
    for text in (client.access, twin, f"{client.access}="):
        assert client.get(access=text).status == 401


@pytest.mark.parametrize("by", ["refresh", "access"])
def test_a26_refresh_token_replayed(client, by):
    """Attack: refresh replay by thief first, then victim, and the reverse.
    Expected: the session ends in both, once the successor or its access token was used; one alert.

    Both hold the same token and are offered the same successor, so either may be the one who uses it."""
    stolen, given = client.refresh, client.exchange().json()
    if by == "access":
        assert client.get(access=given["access_token"]).status == 200
    else:
        assert client.exchange(given["refresh_token"]).status == 200
    assert "refresh_token" not in client.exchange(stolen).json()
    client.advance()
    assert client.exchange(stolen).code == "token_reused"
    assert client.exchange(given["refresh_token"]).code == "invalid_grant"
    assert client.get(access=given["access_token"]).code == "token_reused"
    alerts = [event for event in client.target.events("token.reused") if event["session_id"] == client.id]
    assert len(alerts) == 1
    assert (alerts[0]["evidence"]["presented"], alerts[0]["ended"]) == (1, True)


def test_a27_two_tabs_refresh_at_once(client):
    """Attack: two tabs refresh the same token at once, 50 times.
    Expected: the same successor; never two live branches."""
    for _ in range(5):
        with ThreadPoolExecutor(10) as tabs:
            answers = list(tabs.map(lambda _: client.exchange(), range(10)))
        assert {answer.status for answer in answers} == {200}
        successors = {answer.json()["refresh_token"] for answer in answers}
        assert len(successors) == 1
        client.refresh = successors.pop()
        with ThreadPoolExecutor(10) as tabs:
            uses = list(tabs.map(lambda answer: client.get(access=answer.json()["access_token"]), answers))
        assert {use.status for use in uses} == {200}
        client.advance()


def test_a28_refresh_after_the_end(target):
    """Attack: refresh after logout, password change, demotion, disable.
    Expected: 401; after a demotion what comes out has the new roles."""

    def log_out(client):
        assert target.request("POST", "/auth/logout", bearing(client.access), json={}).status == 204

    def change_password(client):
        new = {"current_password": client.user.password, "new_password": "another passphrase of mine"}
        assert target.request("POST", "/auth/password", bearing(client.access), json=new).status == 200

    def disable(client):
        target.operate("disable", user_id=client.user.user_id)

    for act in (log_out, change_password, disable):
        client = enter(target, target.new_user())
        act(client)
        assert client.exchange().status == 401
        assert client.get().status == 401


def test_a46_admin_demoted_with_an_access_token_in_hand(target):
    """Attack: privilege change: demote admin mid-session with access JWT.
    Expected: 403 at once here; elsewhere with the next token, within the life of this one."""
    client = enter(target, target.new_user("admin"))
    with target.both() as workers:
        for worker in workers:
            assert worker.request("GET", "/admin", bearing(client.access)).status == 200
        target.operate("set_roles", user_id=client.user.user_id, roles=[])
        for worker in workers:
            response = worker.request("GET", "/admin", bearing(client.access))
            assert (response.status, response.code) == (403, "role_required")
    fresh = client.exchange().json()["access_token"]
    assert parts(fresh)[1]["roles"] == []
    issued = parts(client.access)[1]
    assert at_another_service(target, client.access, issued["iat"] + 20).roles == ("admin",)
    assert at_another_service(target, client.access, issued["exp"] + 6) is Invalid.EXPIRED
