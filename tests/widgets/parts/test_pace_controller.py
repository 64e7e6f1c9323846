from napari_photon_denoise.job import Progress
from napari_photon_denoise.widgets.parts.pace import Pace, in_words


def test_time_left_is_told_by_the_pace_of_the_present_stage():
    now = [0.0]
    pace = Pace(lambda: now[0])

    def step(seconds, done, total):
        now[0] = seconds
        return pace.left(Progress("", done, total))

    assert step(0, 0, 10) is None  # nobody knows yet
    assert step(2, 1, 10) == 18
    assert step(4, 2, 10) == 16
    assert step(5, 0, 4) is None  # another stage
    assert step(6, 1, 4) == 3
    assert step(9, 4, 4) is None  # done
    pace.clear()
    assert step(99, 3, 4) is None


def test_times_in_words():
    assert [in_words(seconds) for seconds in (0.2, 12.4, 200, 9000)] == [
        "1 s",
        "12 s",
        "3 min",
        "2.5 h",
    ]
