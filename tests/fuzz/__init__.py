"""Bytes nobody thought of, for everything that reads what a stranger sends: `python -m tests.fuzz`."""
