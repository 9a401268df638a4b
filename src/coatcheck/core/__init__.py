"""The pure half of Coatcheck: values, decisions and contracts; no I/O, no clock, no randomness."""
