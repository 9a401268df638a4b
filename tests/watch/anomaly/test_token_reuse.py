"""A retired token came back."""

import pytest

from coatcheck.core.events import LoginSucceeded, TokenReused
from coatcheck.core.evidence import Evidence
from coatcheck.watch.anomaly import TokenReuse
from tests.watch.anomaly.happenings import facts, happened, signed_in


@pytest.mark.parametrize(("one_step_back", "severity"), [(False, "alarm"), (True, "warning")])
def test_it_is_told_with_how_far_back_the_token_is(one_step_back, severity):
    against = Evidence(presented=2, current=9, age=1234.5, one_step_back=one_step_back)
    event = happened(TokenReused, 0, evidence=against, ended=True, session_id="s", user_id="ada")
    finding = TokenReuse().see(event)
    assert (finding.severity, finding.session_id, finding.user_id) == (severity, "s", "ada")
    assert facts(finding) == {
        "presented_generation": "2",
        "current_generation": "9",
        "retired_for": "1234 s",
        "network": "192.0.2.0/24",
        "client": "Firefox on Linux",
    }


def test_nothing_else_is():
    assert TokenReuse().see(signed_in(0, "ada")) is None
    assert LoginSucceeded not in TokenReuse.kinds
