"""What the published types promise, checked by mypy on two programs."""

import re
from pathlib import Path

from mypy import api

HERE = Path(__file__).parent


def complaints(name, tmp_path):
    out, err, _ = api.run(["--strict", "--no-error-summary", f"--cache-dir={tmp_path}", str(HERE / name)])
    assert not err
    return {
        (int(line), code)
        for line, code in re.findall(rf"{name}:(\d+): error: .*\[([a-z-]+)\]$", out, re.MULTILINE)
    } or out.strip()


def test_a_right_program_is_accepted(tmp_path):
    assert complaints("accepted.py", tmp_path) == ""


def test_a_wrong_program_is_refused_line_by_line(tmp_path):
    lines = (HERE / "refused.py").read_text("utf-8").splitlines()
    expected = {
        (number, marked.group(1))
        for number, line in enumerate(lines, start=1)
        if (marked := re.search(r"# ([a-z]+-?[a-z]+)", line))
    }
    assert len(expected) == 7
    assert complaints("refused.py", tmp_path) == expected
