"""Risk: how well scores tell attackers who have the password from users, in a world that is made up."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from benchmarks.options import Options
from benchmarks.page import Page, Row, Table, Verdict
from benchmarks.servers import Servers
from benchmarks.simulation.attackers import ATTACKERS
from benchmarks.simulation.judging import SIMPLE, WITH_PLACES, WITHOUT_PLACES, Scores, trial
from coatcheck.watch.risk.risk import MOST_OF_USER

SEED, USERS, DAYS, SETTLED = 6, 400, 180, 60
ASKED = (0.01, 0.02, 0.05, 0.10)
BUCKETS = ((1, 9), (10, 29), (30, MOST_OF_USER))
CHECKED = 0.05  # the row that targets are about
HEAD = ("asked", *(f"{kind} stopped" for kind in ATTACKERS))
ABOUT = """
{users:,} made-up users sign in for {days} days ({sign_ins:,} sign-ins, seed {seed}); from day {settled} on,
every fifth sign-in has an attack by each kind beside it. All attackers have the password. A *naive* one
uses a server anywhere and a common browser. One with a *VPN* comes from the user's country. A *targeted* one
comes from the user's own provider with the user's own browser and version. Honest people get addresses of
other networks at home (about every 20 days), use phones (24 networks of a carrier) and offices, get new
devices (every 300 days), travel (every 60 days), and update their browsers (every 28 days, some days late).
The world is in `benchmarks/simulation`. Every number in it is made up, so read the tables as a comparison and
not as what your site will see.

"asked" is the share of honest sign-ins at or above the threshold, which would have to show another factor. A
user's first sign-in is in no figure: nothing is known yet. The simple rule is there to compare with.
"""


def run(_options: Options, _servers: Servers) -> Page:
    return page(*trial(SEED, USERS, DAYS, SETTLED))


def page(found: dict[str, Scores], sign_ins: int) -> Page:
    """Return what is said of the scores."""
    about = ABOUT.format(users=USERS, days=DAYS, sign_ins=sign_ins, seed=SEED, settled=SETTLED)
    tables = [_rates(name, found[name]) for name in (WITH_PLACES, WITHOUT_PLACES)]
    tables += [_simple(found[SIMPLE]), _areas(found), _by_history(found[WITH_PLACES])]
    scores = found[WITH_PLACES]
    least = threshold(scores.honest, CHECKED)
    caught = {kind: share(attacks, least) for kind, attacks in scores.attacks.items()}
    verdicts = [
        Verdict(
            "naive attackers stopped, where one honest sign-in in 20 is asked",
            0.95,
            caught["naive"],
            at_least=True,
        ),
        Verdict("attackers with a VPN stopped, likewise", 0.80, caught["VPN"], at_least=True),
    ]
    return Page("How well sign-ins are told from attacks", about, tables, verdicts)


def threshold(honest: Iterable[tuple[float, int]], asked: float) -> float:
    """Return the value that so large a part of the honest sign-ins reaches."""
    values = sorted((value for value, known in honest if known), reverse=True)
    return values[max(0, int(asked * len(values)) - 1)]


def share(values: Sequence[tuple[float, int]], least: float) -> float:
    """Return which part of the values, of users who are known, is at least so high."""
    known = [value for value, times in values if times]
    return sum(value >= least for value in known) / max(1, len(known))


def _shares(scores: Scores, least: float) -> Row:
    """Return the cells of one threshold: who is asked, and which attackers are stopped."""
    columns = (scores.honest, *(scores.attacks[kind] for kind in ATTACKERS))
    return tuple(f"{share(values, least):.1%}" for values in columns)


def _rates(name: str, scores: Scores) -> Table:
    leasts = [threshold(scores.honest, asked) for asked in ASKED]
    rows = [(f"{least:.2f}", *_shares(scores, least)) for least in leasts]
    return Table(f"Score {name}", ("threshold", *HEAD), rows)


def _simple(scores: Scores) -> Table:
    cases = (("network or browser is new", 1.0), ("both are new", 2.0))
    return Table(
        "Simple rule", ("asks where", *HEAD), [(what, *_shares(scores, least)) for what, least in cases]
    )


def _by_history(scores: Scores) -> Table:
    least = threshold(scores.honest, CHECKED)
    rows = []
    for low, high in BUCKETS:
        within = scores.of_users_with(low, high)
        rows.append((f"{low} to {high}", f"{len(within.honest):,}", *_shares(within, least)))
    head = ("sign-ins known", "honest sign-ins", *HEAD)
    return Table("By what is known of the user", head, rows, f"With places, at the threshold {least:.2f}.")


def _areas(found: dict[str, Scores]) -> Table:
    rows = [(name, *(f"{area(scores, kind):.3f}" for kind in ATTACKERS)) for name, scores in found.items()]
    note = "How often an attack scores higher than an honest sign-in. Half is guessing."
    return Table("Area under the ROC curve", ("judge", *ATTACKERS), rows, note)


def area(scores: Scores, kind: str) -> float:
    """Return how often an attack scores higher than an honest sign-in; a draw counts half."""
    honest = sorted(value for value, known in scores.honest if known)
    attacks = [value for value, known in scores.attacks[kind] if known]
    beaten = sum(bisect_left(honest, value) + bisect_right(honest, value) for value in attacks)
    return beaten / (2 * len(honest) * len(attacks))
