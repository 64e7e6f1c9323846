"""A small part of the faults that `python -m benchmarks.faults` tries; the whole takes an hour."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.skipif(sys.platform != "linux", reason="the faults are tried in forked processes")
@pytest.mark.skipif(not (ROOT / "benchmarks" / "faults").is_dir(), reason="no benchmarks here")
def test_damaged_files_are_refused_or_make_no_difference():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.faults", "--only", "tiff", "recipe", "--tries", "8"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.split(" | ") for line in done.stdout.splitlines()[2:]]
    assert [line[:2] for line in lines] == [["| TIFF", "8"], ["| recipe", "8"]]
