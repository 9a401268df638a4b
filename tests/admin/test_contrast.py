"""WCAG 2.2, 1.4.3 and 1.4.11: every pair of colours that meets on a page can be told apart."""

import re
from pathlib import Path

import pytest

import coatcheck.admin

THEME = (Path(coatcheck.admin.__file__).parent / "static" / "theme.css").read_text("utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    for block in re.findall(r":root \{(.*?)\}", THEME, re.DOTALL)
)
TEXT = [
    *(("ink", ground) for ground in ("paper", "card", "sunken", "accent-wash", "danger-wash")),
    *(("ink-soft", ground) for ground in ("paper", "card", "sunken")),
    *(("accent", ground) for ground in ("paper", "card")),
    *(("on-accent", ground) for ground in ("accent", "accent-deep")),
    *(("danger", ground) for ground in ("paper", "card", "danger-wash")),
    ("on-accent", "danger"),
    ("accent-deep", "accent-wash"),
]
EDGES = [("control", "card"), ("control", "paper"), ("accent", "sunken"), ("accent", "card")]


def luminance(colour):
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (EDGES, 3.0)], ids=["text", "edges"])
def test_colours_that_meet_can_be_told_apart(theme, pairs, least):
    measured = {pair: contrast(theme[pair[0]], theme[pair[1]]) for pair in pairs}
    assert {pair: value for pair, value in measured.items() if value < least} == {}
