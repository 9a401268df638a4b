"""The generated parts say what the code says, and nothing is left out of them."""

import importlib
import re

import pytest

from coatcheck.core import lifetimes
from coatcheck.core.events.wire import EVENTS
from coatcheck.core.reason import Reason
from coatcheck.login import PasswordPolicy
from coatcheck.web import HttpApi
from coatcheck.web.api import ApiPolicy
from docs import generate
from docs.parts import errors, policies
from docs.parts.reasons import MEANINGS

EVERYTHING = "\n".join(page.read_text("utf-8") for page in generate.written())


def page(name: str) -> str:
    return (generate.DOCS / name).read_text("utf-8")


def test_no_page_is_stale():
    assert not generate.stale(), "run python -m docs.generate"


def test_a_stale_page_is_noticed_and_put_right():
    text = "before\n<!-- generated: lifetimes -->\nanything\n<!-- end -->\nafter\n"
    rewritten = generate.rewrite(text)
    assert rewritten.startswith("before\n<!-- generated: lifetimes -->\n")
    assert rewritten.endswith("<!-- end -->\nafter\n")
    assert "anything" not in rewritten
    assert "| `idle` | 30 minutes | 1,800 |" in rewritten
    assert generate.rewrite(rewritten) == rewritten


def test_a_part_that_nobody_makes_is_an_error():
    with pytest.raises(KeyError):
        generate.rewrite("<!-- generated: nothing -->\n<!-- end -->")


def test_every_part_is_on_some_page():
    unused = {name for name in generate.PARTS if f"<!-- generated: {name}" not in EVERYTHING}
    assert not unused


def test_every_lifetime_is_on_its_page():
    described = lifetimes.Lifetimes().describe()
    rows = [line for line in page("lifetimes.md").splitlines() if line.startswith("| `")]
    shown = {row.split("`")[1]: row.split(" | ")[2].replace(",", "") for row in rows[: len(described)]}
    assert {name: float(seconds) for name, seconds in shown.items()} == described


def test_every_event_is_on_its_page():
    assert EVENTS
    shown = page("events.md")
    assert not [
        kind.name for kind in EVENTS.values() if f"| `{kind.name}` | `{kind.__name__}` |" not in shown
    ]


def test_every_error_is_on_its_page_with_a_remedy():
    kinds, shown = errors.kinds(), errors.error_table()
    assert len(kinds) >= 10
    assert shown in page("errors.md")
    rows = {line.split(" | ")[1]: line for line in shown.splitlines()}
    assert not [kind for kind in kinds if rows[f"`{kind.__name__}`"].endswith("|  |")]


def test_no_two_errors_share_a_code():
    codes = [kind.code for kind in errors.kinds()]
    assert len(set(codes)) == len(codes)


def test_every_reason_is_explained():
    assert set(MEANINGS) == set(Reason)
    assert not [reason for reason in Reason if f"| `{reason}` |" not in page("errors.md")]


def test_the_refusals_of_the_login_room_are_found_in_its_code():
    refusal = PasswordPolicy().check("short")
    assert refusal is not None
    assert {"invalid_credentials", "too_many_attempts", refusal.code} <= errors.outcomes().keys()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1.0, "1 second"),
        (90.0, "90 seconds"),
        (60.0, "1 minute"),
        (43200.0, "12 hours"),
        (1209600.0, "14 days"),
    ],
)
def test_a_duration_is_shown_in_the_largest_unit_that_divides_it(seconds, text):
    assert policies.duration(seconds) == text


@pytest.mark.parametrize(
    "module",
    [
        "coatcheck",
        "coatcheck.adapters.fastapi",
        "coatcheck.adapters.starlette",
        "coatcheck.login",
        "coatcheck.stores",
        "coatcheck.testing",
        "coatcheck.testing.contract",
        "coatcheck.web",
    ],
)
def test_every_public_name_is_in_the_documentation(module):
    names = importlib.import_module(module).__all__
    assert not [name for name in names if not re.search(rf"\b{name}\b", EVERYTHING)]


def test_every_call_of_the_http_api_is_in_the_protocol():
    calls = [
        f"`{route.method} {route.rule.path}`"
        for route in HttpApi(object(), ApiPolicy(registration=True)).routes
    ]
    assert "`POST /auth/login`" in calls
    assert not [call for call in calls if call not in page("protocol.md")]
