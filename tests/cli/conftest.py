import os
import subprocess
import sys
from pathlib import Path

import pytest

from napari_photon_denoise.cli import main, progress


@pytest.fixture
def photon_denoise(capsys, monkeypatch):
    """Run a command as a process would, but in this one, which has imported everything."""

    def run(*arguments, cwd=None):
        words = [str(word) for word in arguments]
        capsys.readouterr()
        with monkeypatch.context() as patch:
            patch.setattr(progress, "FIRST", float("inf"))  # however slow the machine is
            patch.chdir(cwd or Path.cwd())
            try:
                code = main(words)
            except SystemExit as end:  # of argparse, after a page of help
                code = end.code
        return subprocess.CompletedProcess(words, code, *capsys.readouterr())

    return run


@pytest.fixture
def process():
    """Run Python in a process of its own, which finds what lies beside the tests."""

    def run(*arguments, cwd=None):
        paths = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=cwd,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        )

    return run


@pytest.fixture
def photon_denoise_alone(process):
    """Run a command in a process of its own, as a user does."""

    def run(*arguments, cwd=None):
        return process("-m", "napari_photon_denoise", *arguments, cwd=cwd)

    return run
