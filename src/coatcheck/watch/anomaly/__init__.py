"""Anomalies: rules over events, each with its evidence; and what is done about what they find."""

from coatcheck.watch.anomaly.anomalies import Anomalies
from coatcheck.watch.anomaly.brute_force import BruteForce
from coatcheck.watch.anomaly.burst import SessionBurst
from coatcheck.watch.anomaly.change import BrowserChange, NetworkChange
from coatcheck.watch.anomaly.finding import Finding, Rule
from coatcheck.watch.anomaly.flood import UnknownTokenFlood
from coatcheck.watch.anomaly.rates import RateShift
from coatcheck.watch.anomaly.reuse import TokenReuse
from coatcheck.watch.anomaly.rules import standard_rules
from coatcheck.watch.anomaly.spraying import PasswordSpraying
from coatcheck.watch.anomaly.stuffing import CredentialStuffing
from coatcheck.watch.anomaly.travel import ImpossibleTravel

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
