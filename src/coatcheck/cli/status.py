"""Exit statuses, for scripts."""

NOT_DONE = 1
MISUSE = 2
INTERRUPTED = 130  # what a shell reports for a process that Ctrl-C ended
