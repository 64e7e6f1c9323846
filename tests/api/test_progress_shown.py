"""Progress in Python: for who asks for it, where it can be seen."""

import io

import numpy as np
import pytest
from rich.console import Console

import napari_photon_denoise as npd
from napari_photon_denoise.api import progress
from napari_photon_denoise.api.progress import run_showing
from napari_photon_denoise.job import Progress

CAMERA = npd.Calibration(gain=0.5, offset=100, read_noise=1)
IMAGE = np.arange(600, dtype=np.uint16).reshape(20, 30)


@pytest.fixture
def terminal(monkeypatch):
    """What a terminal is told."""
    told = io.StringIO()
    monkeypatch.setattr(
        progress, "Console", lambda stderr: Console(file=told, force_terminal=True, width=80)
    )
    monkeypatch.setenv("TERM", "xterm")
    return told


@pytest.mark.parametrize("lazy", [False, True])
def test_a_terminal_shows_a_bar_where_it_is_asked_for(terminal, lazy):
    npd.denoise(IMAGE, CAMERA, "box", lazy=lazy)
    assert terminal.getvalue() == ""
    npd.denoise(IMAGE, CAMERA, "box", lazy=lazy, progress=True)
    assert "━" in terminal.getvalue()
    assert ("Done" in terminal.getvalue()) != lazy  # that is dask's to show


def test_a_log_is_not_filled_with_bars(capsys):
    npd.denoise(IMAGE, CAMERA, "box", progress=True)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("shown", [False, True])
def test_results_and_errors_come_through(terminal, shown):
    closed = []

    def job(fails):
        try:
            yield Progress("[Half] of it", 1, 2)
            if fails:
                raise npd.PhotonDenoiseError("It can't be.")
            return 7
        finally:
            closed.append(True)

    assert run_showing(job(False), shown=shown) == 7
    with pytest.raises(npd.PhotonDenoiseError, match="can't be"):
        run_showing(job(True), shown=shown)
    assert closed == [True, True]
    assert ("[Half] of it" in terminal.getvalue()) == shown
