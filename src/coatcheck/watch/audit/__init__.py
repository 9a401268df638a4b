"""The audit ledger: every event, in chains of hashes that show what was changed afterwards."""
