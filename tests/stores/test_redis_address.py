"""What a URL of Redis may say."""

import pytest

from coatcheck.core.errors import ConfigurationError
from coatcheck.stores.redis.address import Address, parse

HERE = (("redis.test", 6379),)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://redis.test", Address("one", HERE)),
        ("valkey://redis.test/", Address("one", HERE)),
        ("redis://redis.test:6380/3", Address("one", (("redis.test", 6380),), database=3)),
        ("redis://[::1]:6380", Address("one", (("::1", 6380),))),
        ("redis://:s%2Fcret@redis.test", Address("one", HERE, access={"password": "s/cret"})),
        ("redis://app@redis.test", Address("one", HERE, access={"username": "app"})),
        (
            "rediss://app:secret@redis.test?ssl_ca_certs=/etc/ca.pem",
            Address(
                "one",
                HERE,
                access={"username": "app", "password": "secret"},
                tls={"ssl": True, "ssl_ca_certs": "/etc/ca.pem"},
            ),
        ),
        ("redis+cluster://a,b:7000", Address("cluster", (("a", 6379), ("b", 7000)))),
        ("rediss+cluster://a/0", Address("cluster", (("a", 6379),), tls={"ssl": True})),
        ("redis+sentinel://a,b:1/main", Address("sentinel", (("a", 26379), ("b", 1)), "main")),
        ("redis+sentinel://a/main/2", Address("sentinel", (("a", 26379),), "main", 2)),
        ("redis://redis.test?prefix=shop&replicas=2", Address("one", HERE, prefix="shop", replicas=2)),
    ],
)
def test_a_url_says_where_and_how(url, address):
    assert parse(url) == address


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("redis://", "names no host"),
        ("redis://:secret@", "names no host"),
        ("redis://a:secret@host:port", "a port that is no number"),
        ("redis://:secret@host/first", "a database that is no number"),
        ("redis://:secret@a,b", "several servers"),
        ("redis+cluster://:secret@a,", "names no host"),
        ("redis+cluster://:secret@a/1", "a Cluster has only number 0"),
        ("redis+sentinel://:secret@a", "names no service"),
        ("redis+ssh://:secret@a", "a scheme that ends in +ssh"),
        ("redis://:secret@a?prefx=shop", "mean nothing here: prefx"),
        ("redis://:secret@a?prefix=", "a prefix that is empty"),
        ("redis://:secret@a?prefix=a{b", "has a brace"),
        ("redis://:secret@a?replicas=some", "a number of replicas"),
    ],
)
def test_what_it_cannot_say_is_one_line_without_the_password(url, complaint):
    with pytest.raises(ConfigurationError) as caught:
        parse(url)
    text = str(caught.value)
    assert complaint in text
    assert "Write redis://" in text
    assert "secret" not in text
    assert "\n" not in text


def test_an_address_can_be_shown():
    address = parse("redis+cluster://app:secret@a,b:7000")
    assert str(address) == "a:6379,b:7000"
    assert "secret" not in repr(address)
