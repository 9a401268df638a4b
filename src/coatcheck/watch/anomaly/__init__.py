"""Anomalies: rules over events, each with its evidence; and what is done about what they find."""

from coatcheck.watch.anomaly.anomalies import Anomalies
from coatcheck.watch.anomaly.browser_change import BrowserChange
from coatcheck.watch.anomaly.brute_force import BruteForce
from coatcheck.watch.anomaly.credential_stuffing import CredentialStuffing
from coatcheck.watch.anomaly.finding import Finding, Rule
from coatcheck.watch.anomaly.impossible_travel import ImpossibleTravel
from coatcheck.watch.anomaly.network_change import NetworkChange
from coatcheck.watch.anomaly.password_spraying import PasswordSpraying
from coatcheck.watch.anomaly.rate_shift import RateShift
from coatcheck.watch.anomaly.rules import standard_rules
from coatcheck.watch.anomaly.session_burst import SessionBurst
from coatcheck.watch.anomaly.token_reuse import TokenReuse
from coatcheck.watch.anomaly.unknown_tokens import UnknownTokenFlood

__all__ = [
    "Anomalies",
    "BrowserChange",
    "BruteForce",
    "CredentialStuffing",
    "Finding",
    "ImpossibleTravel",
    "NetworkChange",
    "PasswordSpraying",
    "RateShift",
    "Rule",
    "SessionBurst",
    "TokenReuse",
    "UnknownTokenFlood",
    "standard_rules",
]
