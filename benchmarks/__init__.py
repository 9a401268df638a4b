"""Coatcheck side by side with its peers: the time each adds to the same bare application."""
