"""Adapters: one file per framework. Each mounts, and gives access; none decides."""
