"""Whatever ends the program from outside stops it as Ctrl-C does."""

import signal
import sys

import pytest

from napari_photon_denoise.cli import main, signals
from napari_photon_denoise.cli.commands import denoise
from napari_photon_denoise.cli.signals import handled, stop_if_asked, stoppable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
ENDING = (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM))


@pytest.fixture(autouse=True)
def awake():
    """Heed Ctrl-C, even where a shell has put the tests in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_stops_a_command_and_is_its_exit_code(number, monkeypatch, capsys):
    cleaned = []

    def work(chosen):
        try:
            signal.raise_signal(number)
        finally:
            signal.raise_signal(number)  # as when a terminal closes: must not stop the cleaning
            cleaned.append(number)

    monkeypatch.setattr(denoise, "_denoise", work)
    before = [signal.getsignal(one) for one in ENDING]
    assert main(["denoise", "a.tif", "-o", "b.tif"]) == 128 + number
    assert cleaned == [number]
    assert "Stopped; what was half done has been removed" in capsys.readouterr().err
    assert [signal.getsignal(one) for one in ENDING] == before


def test_a_later_signal_stops_at_once(monkeypatch):
    monkeypatch.setattr(signals, "_TOGETHER", -1.0)
    with stoppable():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)


def test_what_a_library_kept_for_itself_stops_the_next_step():
    with stoppable():
        stop_if_asked()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            stop_if_asked()
    with stoppable():
        stop_if_asked()


def test_what_is_to_be_ignored_stays_ignored():
    """By nohup, say."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with handled(lambda number, frame: pytest.fail("it was heeded")):
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


# Given are the number of a signal, which comes while a library is loaded, and a command.
WHILE_LOADING = """
import importlib.abc, signal, sys

class Press(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "numpy":
            sys.meta_path.remove(self)
            signal.raise_signal(int(sys.argv[1]))

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Press())
from napari_photon_denoise.cli import main
sys.exit(main(["info"]))
"""


@pytest.mark.parametrize("number", ENDING)
def test_a_command_can_be_stopped_while_libraries_are_loaded(number, process):
    done = process("-c", WHILE_LOADING, int(number))
    assert done.returncode == 128 + number, done.stderr
    assert done.stderr == "error: Stopped; what was half done has been removed.\n"
