"""Attacks on the running library, black box: two worker processes, TLS, a client that obeys nobody."""
