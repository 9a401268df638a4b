"""The rules of the anomaly detection: what each notices, its defaults, and what is done about it."""

import inspect
from typing import Any

from coatcheck.watch.anomaly import Rule, standard_rules
from coatcheck.watch.places import Places
from docs.parts.docstrings import summary, table
from docs.parts.policies import duration

NO_NUMBERS = {"places"}


def rule_table(_: str = "") -> str:
    """Return every rule of the standard set."""
    titles = ("rule", "class", "says so when", "defaults", "response", "quiet for", "sees")
    return table(titles, [_row(rule) for rule in standard_rules(Places())])


def _row(rule: Rule) -> tuple[str, ...]:
    parameters = inspect.signature(type(rule)).parameters.values()
    defaults = [f"`{one.name}={_number(one.default)}`" for one in parameters if one.name not in NO_NUMBERS]
    sees = "all workers" if rule.shared else "its worker"
    return (
        f"`{rule.name}`",
        f"`{type(rule).__name__}`",
        summary(type(rule)),
        ", ".join(defaults),
        f"`{rule.response}`",
        duration(rule.quiet),
        sees,
    )


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else repr(value)
