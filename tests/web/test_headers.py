import pytest

from coatcheck import ConfigurationError
from coatcheck.web.headers import HeaderPolicy, SecurityHeaders


def added(headers=(), *, secure=True, **options):
    missing = HeaderPolicy(**options).missing(list(headers), secure=secure)
    return [(name.decode(), value.decode()) for name, value in (*headers, *missing)]


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


async def test_what_is_no_http_passes_untouched():
    seen = []

    async def app(*call):
        seen.append(call)

    await SecurityHeaders(app)({"type": "lifespan"}, 1, 2)
    assert seen == [({"type": "lifespan"}, 1, 2)]
