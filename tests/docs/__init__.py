"""Tests of the documentation: it is complete, it is current, and its links lead somewhere."""
