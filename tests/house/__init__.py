"""Tests of the house itself: its sizes, its floors, its locks and what is committed."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "coatcheck"
