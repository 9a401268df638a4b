"""The audit ledger: every event, in chains of hashes that show what was changed afterwards."""

from coatcheck.watch.audit.audit import Audit

__all__ = ["Audit"]
