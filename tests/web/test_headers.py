import pytest

from coatcheck import ConfigurationError
from coatcheck.web.fields import collect
from coatcheck.web.headers import CHECKED, LOOKED, HeaderPolicy, is_cacheable, keep_out_of_caches


def added(headers=(), *, secure=True, **options):
    headers = list(headers)
    HeaderPolicy(**options).add(headers, collect(headers), secure=secure)
    return [(name.decode(), value.decode()) for name, value in headers]


def test_every_response_says_how_browsers_must_treat_it():
    assert dict(added()) == {
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "content-security-policy": "frame-ancestors 'none'",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "strict-transport-security": "max-age=31536000; includeSubDomains",
    }


def test_hsts_is_said_over_https_only_and_can_be_left_to_a_proxy():
    assert "strict-transport-security" not in dict(added(secure=False))
    assert "strict-transport-security" not in dict(added(hsts=0))


def test_what_the_app_says_itself_is_left_alone():
    own = [(b"content-security-policy", b"default-src 'self'"), (b"referrer-policy", b"no-referrer")]
    headers = added(own)
    assert len(headers) == len(dict(headers)) == 6
    assert dict(headers)["referrer-policy"] == "no-referrer"


def test_an_empty_policy_leaves_its_header_out():
    assert "content-security-policy" not in dict(added(frame_ancestors=""))


def test_a_policy_cannot_split_headers():
    with pytest.raises(ConfigurationError):
        HeaderPolicy(referrer="x\r\ny: z")


@pytest.mark.parametrize(
    ("values", "cacheable"),
    [
        ([], False),
        (["no-store"], False),
        (["public"], True),
        (["Public, max-age=60"], True),
        (["s-maxage=60"], True),
        (["max-age=60"], True),
        (["max-age=60, private"], False),
        (["immutable", "no-store"], False),
        (["no-cache"], False),
    ],
)
def test_a_shared_cache_may_store_what_does_not_forbid_it(values, cacheable):
    headers = [(b"x", b"public"), *((b"cache-control", value.encode()) for value in values)]
    assert is_cacheable(collect(headers)) is cacheable


@pytest.mark.parametrize(
    ("before", "varies", "after"),
    [
        ([], LOOKED, "Cookie"),
        ([], CHECKED, "Cookie, Origin, Sec-Fetch-Site"),
        ([b"Accept-Encoding"], LOOKED, "Accept-Encoding, Cookie"),
        ([b"accept, COOKIE"], LOOKED, "accept, COOKIE"),
        ([b"a", b"b, origin"], CHECKED, "a, b, origin, Cookie, Sec-Fetch-Site"),
        ([b"*"], CHECKED, "*"),
    ],
)
def test_a_private_response_varies_by_what_it_was_made_from(before, varies, after):
    headers = [
        (b"cache-control", b"public, max-age=9"),
        *((b"vary", value) for value in before),
        (b"x", b"y"),
    ]
    keep_out_of_caches(headers, collect(headers), varies)
    assert sorted(headers) == sorted(
        [(b"x", b"y"), (b"vary", after.encode()), (b"cache-control", b"no-store")]
    )
