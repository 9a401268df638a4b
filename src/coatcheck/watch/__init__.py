"""Who watches: observers of the one stream of events."""
