"""What is printed must not cost the work: streams that are full, closed, or know few letters."""

import errno
import io
import sys

import pytest

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.cli import main
from napari_photon_denoise.cli.console import say
from napari_photon_denoise.cli.streams import STDOUT


class Refusing(io.StringIO):
    def __init__(self, error):
        super().__init__()
        self._error = error

    def write(self, text):
        raise self._error


def convert(folder):
    Calibration(0.5, 100).save(folder / "in.tif")
    return main(["convert", str(folder / "in.tif"), "-o", str(folder / "out.tif")])


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), ""),
        (OSError(errno.EIO, "Input/output error"), ""),
        (ValueError("I/O operation on closed file"), ""),
        (OSError(errno.ENOSPC, "No space left on device"), "full where this is printed to"),
    ],
)
def test_a_calibration_is_written_though_nobody_can_be_told(
    tmp_path, monkeypatch, capsys, error, said
):
    monkeypatch.setattr(sys, "stdout", Refusing(error))
    assert convert(tmp_path) == 0
    assert Calibration.load(tmp_path / "out.tif").gain == 0.5
    assert said in capsys.readouterr().err


def test_streams_may_be_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert convert(tmp_path) == 0
    assert not STDOUT.isatty()
    with pytest.raises(OSError, match="no such stream"):
        STDOUT.fileno()


def test_letters_that_a_pipe_does_not_know_are_written_as_codes(tmp_path, monkeypatch):
    pipe = io.TextIOWrapper(io.BytesIO(), "ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", pipe)
    assert convert(tmp_path) == 0
    say("0.1 µm")
    assert pipe.buffer.getvalue().endswith(b"0.1 \\xb5m\n")
