import pytest

from coatcheck.web.activity import is_activity
from coatcheck.web.fields import collect


@pytest.mark.parametrize(
    ("method", "fields", "active"),
    [
        ("GET", {"sec-fetch-mode": "navigate"}, True),
        ("GET", {"sec-fetch-mode": "cors", "accept": "text/html"}, False),
        ("GET", {"sec-fetch-mode": "no-cors"}, False),
        ("GET", {"accept": "text/html,application/xhtml+xml;q=0.9"}, True),
        ("GET", {"accept": "*/*"}, False),
        ("GET", {}, False),
        ("HEAD", {"sec-fetch-mode": "navigate"}, False),
        ("OPTIONS", {"sec-fetch-mode": "navigate"}, False),
        ("POST", {}, True),
        ("DELETE", {"sec-fetch-mode": "cors"}, True),
        ("BREW", {}, True),
        ("POST", {"coatcheck-activity": "passive"}, False),
        ("GET", {"sec-fetch-mode": "navigate", "coatcheck-activity": "passive"}, False),
        ("GET", {"sec-fetch-mode": "navigate", "sec-purpose": "prefetch;prerender"}, False),
        ("GET", {"sec-fetch-mode": "navigate", "purpose": "prefetch"}, False),
        ("GET", {"accept": "text/event-stream, text/html"}, False),
    ],
)
def test_activity_is_what_a_person_does(method, fields, active):
    assert is_activity(method, collect([(k.encode(), v.encode()) for k, v in fields.items()])) is active
