"""Adapters: how apps of a framework get sessions, tokens and the dashboard. Each mounts; none decides."""
