import pytest

from coatcheck.web.caching import CHECKED, LOOKED, is_cacheable, keep_out_of_caches
from coatcheck.web.fields import collect


@pytest.mark.parametrize("name", [b"expires", b"cdn-cache-control", b"surrogate-control"])
def test_what_is_said_to_shared_caches_alone_counts_too(name):
    assert is_cacheable({name: b"max-age=60"})
    headers = [(name, b"max-age=60"), (b"x", b"y")]
    keep_out_of_caches(headers, collect(headers), LOOKED)
    assert name not in dict(headers)
    assert (b"x", b"y") in headers


def test_the_fields_of_a_304_become_those_of_what_is_stored():
    assert is_cacheable({}, 304)


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
