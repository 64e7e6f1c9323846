import subprocess
import sys
from pathlib import Path

import pytest

import napari_photon_denoise.widgets
from napari_photon_denoise.errors import DenoisedAlready, PhotonDenoiseError
from napari_photon_denoise.job import Progress
from napari_photon_denoise.widgets.parts.work import NotYet, Work
from widgets.fakes import FakeDock


def counting(log, error=None):
    """Three steps; what is closed is logged."""
    try:
        for number in range(3):
            yield Progress(f"step {number}", number, 3)
        if error is not None:
            raise error
        return "result"
    finally:
        log.append("closed")


@pytest.fixture
def log():
    return []


@pytest.fixture
def dock(log):
    return FakeDock(
        lambda: Work(
            counting(log),
            "Counting",
            done=log.append,
            progressed=lambda step: log.append(step.done),
            ended=lambda: log.append("ended"),
        )
    )


def test_work_is_done_and_told_of_in_order(dock, log):
    dock.controller.run()
    assert dock.bar.busy
    assert dock.runner.title == "Counting"
    dock.finish()
    assert log == [0, 1, 2, "closed", "result", "ended"]
    assert [step.text for step in dock.bar.steps] == ["step 0", "step 1", "step 2"]
    assert not dock.bar.busy


def test_what_is_missing_is_said_and_nothing_starts():
    def order():
        raise PhotonDenoiseError("Open an image first.")

    dock = FakeDock(order)
    dock.controller.run()
    assert dock.bar.refused == ["Open an image first."]
    assert not dock.bar.busy
    assert not dock.runner.busy


def test_what_is_advised_is_what_a_window_can_do():
    def order():
        raise DenoisedAlready("clean.tif is a result of this program, denoised already by Median")

    dock = FakeDock(order)
    dock.controller.run()
    (said,) = dock.bar.refused
    assert said.endswith("denoised already by Median: choose the raw image.")


def test_a_second_run_waits_and_other_work_is_let_go(dock, log):
    dock.controller.run()
    dock.step()
    job = dock.runner.job
    dock.controller.run()
    other = counting(log)
    next(other)
    dock.controller.start(Work(other, "Other", log.append))
    assert dock.runner.job is job
    assert log == [0, "closed"]


def test_cancelled_work_leaves_no_result(dock, log):
    dock.controller.run()
    dock.step()
    dock.controller.cancel()
    assert dock.bar.message == "Cancelling…"
    dock.finish()
    assert log == [0, "closed", "ended"]
    assert dock.bar.message == "Cancelled; nothing was changed."
    assert not dock.bar.busy


def test_work_that_can_stop_ends_with_its_result(log):
    dock = FakeDock(lambda: Work(counting(log), "Counting", log.append, stop=lambda: "Stopping…"))
    dock.controller.run()
    dock.step()
    dock.controller.cancel()
    dock.step()
    assert dock.bar.message == "Stopping…"  # not what the job does meanwhile
    dock.finish()
    assert log == ["closed", "result"]
    assert not dock.runner.cancelled


def test_nothing_to_cancel(dock):
    dock.controller.cancel()
    assert dock.bar.message == ""


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PhotonDenoiseError("The file is damaged."), "The file is damaged."),
        (KeyError("odd"), "unexpected error ('odd'); your images are as they were"),
    ],
)
def test_an_error_is_a_sentence_and_the_dock_stays_usable(log, error, sentence):
    dock = FakeDock(
        lambda: Work(counting(log, error), "Counting", log.append, ended=lambda: log.append("end"))
    )
    dock.controller.run()
    dock.finish()
    assert sentence in dock.bar.message
    assert log == ["closed", "end"]
    assert not dock.bar.busy


def test_work_that_runs_has_the_line_for_itself(dock):
    dock.controller.hint("No camera.")
    assert dock.bar.message == "⚠ No camera."
    dock.controller.hint("")
    dock.controller.remark("Preparing…")
    assert dock.bar.message == "Preparing…"
    dock.controller.run()
    dock.step()
    dock.controller.hint("No camera.")
    dock.controller.remark("Preparing…")
    assert dock.bar.message == "step 0"


def test_controllers_need_no_qt():
    package = napari_photon_denoise.widgets
    folder = Path(package.__file__).parent
    names = [path.relative_to(folder).with_suffix("") for path in folder.rglob("*controller.py")]
    modules = [".".join((package.__name__, *name.parts)) for name in names]
    assert len(modules) == 6
    code = f"import sys, {', '.join(modules)}; print('qtpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


class Waiting:
    """Orders that wait for something to be found out, until the test says what came."""

    def __init__(self, log):
        self.answer = NotYet("Looking at the noise of cells…")
        self.dock, self.log = FakeDock(self), log

    def __call__(self):
        if isinstance(self.answer, Exception):
            raise self.answer
        return Work(counting(self.log), "Counting", done=self.log.append)


def test_run_waits_for_what_is_being_found_out(log):
    order = Waiting(log)
    dock, control = order.dock, order.dock.controller
    control.go_on()
    assert not dock.bar.busy  # nobody has pressed Run
    control.run()
    assert dock.bar.busy
    assert dock.bar.message == "Looking at the noise of cells…"
    control.hint("Say the gain.")
    control.go_on()  # something else was found out
    assert dock.bar.message == "Looking at the noise of cells…"
    order.answer = None
    control.go_on()
    dock.finish()
    assert log == ["closed", "result"]
    assert dock.bar.refused == []
    assert not dock.bar.busy
    control.go_on()
    assert not dock.runner.busy  # it ran once


def test_what_can_not_be_found_out_is_refused(log):
    order = Waiting(log)
    order.dock.controller.run()
    order.answer = PhotonDenoiseError("The image is constant.")
    order.dock.controller.go_on()
    assert order.dock.bar.refused == ["The image is constant."]
    assert not order.dock.bar.busy
    order.dock.controller.go_on()
    assert len(order.dock.bar.refused) == 1


@pytest.mark.parametrize("how", ["cancel", "stop_waiting"])
def test_waiting_ends_when_the_user_says_so_or_turns_to_another_image(log, how):
    order = Waiting(log)
    order.dock.controller.run()
    getattr(order.dock.controller, how)()
    assert not order.dock.bar.busy
    assert ("Cancelled" in order.dock.bar.message) == (how == "cancel")
    order.answer = None
    order.dock.controller.go_on()
    assert not order.dock.runner.busy
