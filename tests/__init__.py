"""Tests of Coatcheck, room by room as in src/coatcheck; a package so that tests can share support."""
