import pytest

from napari_photon_denoise.job import Progress
from napari_photon_denoise.widgets.parts import run_bar


@pytest.fixture
def bar(qtbot):
    bar = run_bar.RunBar()
    qtbot.addWidget(bar)
    bar.show_busy()
    return bar


def test_fast_steps_are_painted_as_one(bar, qtbot, until):
    said = []
    show = bar._status.say
    bar._status.say = lambda text: (said.append(text), show(text))
    for number in range(50):
        bar.show_progress(Progress(f"Tile {number}", number, 50))
    assert said == ["Tile 0…"]
    until(lambda: bar.message.startswith("Tile 49, about"), timeout=10)  # the last is not lost
    assert len(said) == 2


def test_what_is_said_is_not_followed_by_an_older_step(bar, qtbot):
    for number in range(3):
        bar.show_progress(Progress(f"Tile {number}", number, 3))
    bar.say("Done.")
    bar.show_idle()
    qtbot.wait(run_bar.PAINT + 50)
    assert bar.message == "Done."


def test_nothing_moves_by_itself(bar, qtbot):
    """In a window with a canvas, a stripe that moves takes more time than the job."""
    from qtpy.QtCore import QEvent, QObject

    class Watch(QObject):
        paints = 0

        def eventFilter(self, _widget, event):
            self.paints += event.type() == QEvent.Type.Paint
            return False

    with qtbot.waitExposed(bar):
        bar.show()
    qtbot.wait(100)
    watch = Watch()
    bar._bar.installEventFilter(watch)
    qtbot.wait(400)
    assert watch.paints == 0
