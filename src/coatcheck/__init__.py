"""Session management for Python web applications.

The browser holds an opaque ticket, the server holds the coat.
"""
