"""How a worker process learns what the demo was told: one variable of the environment, in JSON."""

import os

import msgspec

from coatcheck.demo.options import DemoOptions

VARIABLE = "COATCHECK_DEMO"


def read() -> DemoOptions:
    """Return the options that `run` left for its workers, or the usual ones."""
    text = os.environ.get(VARIABLE)
    return msgspec.json.decode(text, type=DemoOptions) if text else DemoOptions()
