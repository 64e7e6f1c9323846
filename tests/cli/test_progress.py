import io
import re
import threading
from pathlib import Path

import pytest
from rich.console import Console

from napari_photon_denoise.cli import console, progress
from napari_photon_denoise.cli.progress import EVERY, FIRST, LogLines, line
from napari_photon_denoise.files import FilesProgress, FileState
from napari_photon_denoise.job import Progress
from napari_photon_denoise.pace import Pace


class Log:
    """The lines of a log, with a clock that is set."""

    def __init__(self, title=""):
        self.now, self.said = 0.0, []
        self.lines = LogLines(self.said.append, title, lambda: self.now)

    def at(self, now, step=None):
        """Look at the clock, and then at what the job has come to; return what is new."""
        self.now, before = now, len(self.said)
        if step is not None:
            self.lines.note(step)
        self.lines.tick()
        return self.said[before:]


def plane(done, total=300):
    return Progress(f"cells.tif: Denoising plane {done + 1} of {total}", done, total)


def test_a_line_comes_soon_and_then_every_minute_with_percent_and_time_left():
    log = Log()
    assert log.at(0, Progress("cells.tif: Opening", 0, 1)) == []
    assert log.at(1, plane(0)) == []
    assert log.at(5, plane(1)) == ["cells.tif: Denoising plane 2 of 300: 0 %, 20 min left"]
    for number in range(2, 16):
        assert log.at(1 + 4 * number, plane(number)) == []
    assert log.at(65, plane(16)) == ["cells.tif: Denoising plane 17 of 300: 5 %, 19 min left"]
    assert log.at(66, plane(17)) == []


def test_what_is_short_says_nothing():
    log = Log()
    for number in range(100):
        assert log.at(number * 0.049, plane(number, 100)) == []
    assert log.at(FIRST + 0.1) != []


def test_in_a_step_that_takes_long_a_line_comes_as_well():
    log = Log("learning")
    log.at(0, Progress("Loading the network", 0, 1))
    assert log.at(6) == ["learning: Loading the network"]
    assert log.at(7, plane(0, 4)) == []
    assert log.at(6 + EVERY) == ["learning: cells.tif: Denoising plane 1 of 4: 0 %"]
    assert log.at(107, plane(1, 4)) == []
    # 100 s a plane, which are not those of loading; half a minute of the second one is over.
    assert log.at(137) == ["learning: cells.tif: Denoising plane 2 of 4: 25 %, 4 min left"]


def test_a_job_that_waits_is_said_once():
    log = Log()
    log.at(0, Progress("Waiting for images", 0, 1))
    said = [text for minute in range(1, 60) for text in log.at(60 * minute)]
    assert said == ["Waiting for images"]


def test_of_several_files_the_time_is_that_of_one():
    files = tuple(FileState(Path(name), Path("out")) for name in ("a.tif", "b.tif"))
    step = FilesProgress("a.tif (1 of 2): Denoising plane 1 of 3", 0, 3, files)
    assert line("", step, 90) == (
        "a.tif (1 of 2): Denoising plane 1 of 3: 0 %, 90 s left for this image"
    )
    assert line("", FilesProgress("a.tif: Opening", 0, 1, files[:1]), 90).endswith("90 s left")


def test_a_line_is_one_line_whatever_a_file_is_called():
    assert line("", Progress("a\n\x1b[2J\rb.tif: Opening", 0, 1), None) == "a??[2J?b.tif: Opening"


@pytest.fixture
def log(monkeypatch):
    """Standard error as a file, and lines as soon as there is a step."""
    file = io.StringIO()
    plain = Console(file=file, highlight=False, soft_wrap=True, force_terminal=False)
    monkeypatch.setattr(console, "err", plain)
    monkeypatch.setattr(progress, "FIRST", 0.0)
    monkeypatch.setattr(progress, "EVERY", 0.0)
    monkeypatch.setattr(progress, "_LOOK", 0.001)
    return file


def test_a_log_has_plain_lines_and_no_thread_is_left(log):
    written = threading.Event()
    write = log.write
    log.write = lambda text: (write(text), written.set())

    def job():
        yield Progress("[x] of a very " + "long " * 40 + "name", 0, 2)
        assert written.wait(10)
        return 7

    assert console.run_with_bar(job(), "study") == 7
    # Threads of other tests may end meanwhile: only ours is looked for.
    assert "progress" not in [thread.name for thread in threading.enumerate()]
    (said,) = log.getvalue().splitlines()
    assert said == "study: [x] of a very " + "long " * 40 + "name: 0 %"
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", log.getvalue())


def test_on_a_terminal_it_is_a_bar_with_the_same_time_left(monkeypatch):
    file, now = io.StringIO(), [0.0]
    terminal = Console(file=file, force_terminal=True, width=120)
    monkeypatch.setattr(console, "err", terminal)
    monkeypatch.setattr(progress, "Pace", lambda: Pace(lambda: now[0]))

    def job():
        for number in range(3):
            now[0] = 40.0 * number  # rich's own tells no time of steps over half a minute
            yield plane(number)

    console.run_with_bar(job(), "")
    assert "Denoising plane 3 of 300" in file.getvalue()
    assert "3.3 h left" in file.getvalue()
