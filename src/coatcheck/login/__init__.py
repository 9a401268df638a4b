"""Sign-in with a password: hashes, rules, throttle, accounts, and the actions built on them."""

from coatcheck.login.accounts import Account, Accounts
from coatcheck.login.actions import Login
from coatcheck.login.opening import open_accounts
from coatcheck.login.outcome import Outcome, Refusal
from coatcheck.login.passwords import CHEAPEST, HashingBusy, HashingPolicy, Passwords
from coatcheck.login.rules import PasswordPolicy
from coatcheck.login.sqlite_accounts import SqliteAccounts
from coatcheck.login.throttle import Throttle, ThrottlePolicy
from coatcheck.login.users import Users

__all__ = [
    "CHEAPEST",
    "Account",
    "Accounts",
    "HashingBusy",
    "HashingPolicy",
    "Login",
    "Outcome",
    "PasswordPolicy",
    "Passwords",
    "Refusal",
    "SqliteAccounts",
    "Throttle",
    "ThrottlePolicy",
    "Users",
    "open_accounts",
]
