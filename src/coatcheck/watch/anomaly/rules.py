"""The rules an app gets unless it says otherwise."""

from coatcheck.watch.anomaly.browser_change import BrowserChange
from coatcheck.watch.anomaly.brute_force import BruteForce
from coatcheck.watch.anomaly.credential_stuffing import CredentialStuffing
from coatcheck.watch.anomaly.finding import Rule
from coatcheck.watch.anomaly.impossible_travel import ImpossibleTravel
from coatcheck.watch.anomaly.network_change import NetworkChange
from coatcheck.watch.anomaly.password_spraying import PasswordSpraying
from coatcheck.watch.anomaly.rate_shift import RateShift
from coatcheck.watch.anomaly.session_burst import SessionBurst
from coatcheck.watch.anomaly.token_reuse import TokenReuse
from coatcheck.watch.anomaly.unknown_tokens import UnknownTokenFlood
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
