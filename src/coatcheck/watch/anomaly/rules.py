"""The rules an app gets unless it says otherwise."""

from coatcheck.watch.anomaly.brute_force import BruteForce
from coatcheck.watch.anomaly.burst import SessionBurst
from coatcheck.watch.anomaly.change import BrowserChange, NetworkChange
from coatcheck.watch.anomaly.finding import Rule
from coatcheck.watch.anomaly.flood import UnknownTokenFlood
from coatcheck.watch.anomaly.rates import RateShift
from coatcheck.watch.anomaly.reuse import TokenReuse
from coatcheck.watch.anomaly.spraying import PasswordSpraying
from coatcheck.watch.anomaly.stuffing import CredentialStuffing
from coatcheck.watch.anomaly.travel import ImpossibleTravel
from coatcheck.watch.places import Places


def standard_rules(places: Places | None = None) -> list[Rule]:
    """Return a fresh set of all rules; those about countries and distances need a database of places."""
    rules: list[Rule] = [
        TokenReuse(),
        UnknownTokenFlood(),
        CredentialStuffing(),
        PasswordSpraying(),
        BruteForce(),
        BrowserChange(),
        NetworkChange(places=places),
        SessionBurst(),
        RateShift(),
    ]
    return rules if places is None else [*rules, ImpossibleTravel(places)]
