"""The example application that `coatcheck demo` starts."""

from coatcheck.demo.options import DemoOptions, Listening, Timing
from coatcheck.demo.serve import run

__all__ = ["DemoOptions", "Listening", "Timing", "run"]
