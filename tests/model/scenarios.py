"""The worlds that are searched. Ticks stand for seconds; the rules see only their proportions."""

from coatcheck.core.lifetimes import Rotation
from tests.model.world import Scenario

TIGHT = Rotation(period=3, overlap=1, tolerance=0)
SKEWED = Rotation(period=5, overlap=1, tolerance=1)

SMALL = [
    Scenario("rotation with two tabs, loss and repeats", TIGHT, sends=7, repeats=2),
    Scenario("rotation with three tabs", TIGHT, tabs=3, sends=7),
    Scenario("skewed clocks", SKEWED, skews=(0, 1), sends=6, repeats=1),
    Scenario("skewed clocks and a stale cache", SKEWED, skews=(0, 1), staleness=1, sends=6),
    Scenario("role change elsewhere", SKEWED, skews=(0, 1), sends=6, updates=1),
    Scenario("re-authentication", TIGHT, sends=3, reauths=2),
    Scenario("re-authentication and a stale cache", SKEWED, staleness=1, sends=4, repeats=1, reauths=1),
    Scenario("re-authentication amid a flood", SKEWED, staleness=1, floods=True, sends=3, reauths=1),
    Scenario("failover", SKEWED, staleness=1, sends=6, repeats=1, failovers=1),
    Scenario("failover and re-authentication", SKEWED, staleness=1, sends=3, reauths=1, failovers=1),
    Scenario("revocation", TIGHT, staleness=1, sends=3, reauths=1, revokes=1),
    Scenario("thief", TIGHT, tabs=1, sends=5, copies=1, thefts=5, end_failures=1),
    Scenario(
        "thief, skewed clocks and a stale cache", SKEWED, (0, 1), 1, tabs=1, sends=3, copies=1, thefts=4
    ),
    Scenario(
        "thief and re-authentication",
        TIGHT,
        staleness=1,
        floods=True,
        tabs=1,
        sends=2,
        reauths=1,
        copies=1,
        thefts=3,
    ),
]

ROOMY = Rotation(period=13, overlap=4, tolerance=2)
CLOCKS = (0, 1, 2)

LARGE = [
    Scenario("an ordinary long life", ROOMY, CLOCKS, 2, tabs=5, sends=120, repeats=30, updates=6),
    Scenario("accidents", ROOMY, CLOCKS, 2, tabs=5, sends=60, repeats=10, reauths=3, updates=3, failovers=2),
    Scenario(
        "a thief who polls",
        ROOMY,
        CLOCKS,
        2,
        tabs=3,
        sends=60,
        reauths=2,
        updates=2,
        copies=2,
        thefts=40,
        end_failures=2,
    ),
    Scenario(
        "ended from outside",
        ROOMY,
        CLOCKS,
        2,
        floods=True,
        tabs=5,
        sends=40,
        repeats=10,
        reauths=2,
        revokes=1,
    ),
]
