"""Prometheus's own tool, where it is installed: it knows best what Prometheus accepts."""

import shutil
import subprocess

import pytest

PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")


def promtool(*arguments, input=b"", folder=None):
    """Run it; what it says is what the test fails with."""
    done = subprocess.run([PROMTOOL, *arguments], input=input, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
