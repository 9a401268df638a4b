"""One file for each library that is measured."""
