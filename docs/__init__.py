"""The documentation, and the small program that writes those parts of it that the code decides."""
