"""One file for each thing that is measured; each has a `run` that returns a page."""
