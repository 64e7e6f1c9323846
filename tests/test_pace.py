import pytest

from napari_photon_denoise.job import Progress
from napari_photon_denoise.pace import LEAST, RECENT, Pace, in_words


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def step_of(clock, pace):
    def step(seconds, done, total):
        clock.now = seconds
        return pace.left(Progress("", done, total))

    return step


def test_time_left_is_told_by_the_pace_of_the_present_stage():
    clock = Clock()
    pace = Pace(clock)
    step = step_of(clock, pace)
    assert step(0, 0, 10) is None  # nobody knows yet
    assert step(2, 1, 10) == 18
    assert step(4, 2, 10) == 16
    assert step(5, 0, 4) is None  # another stage
    assert step(6, 1, 4) == 3
    assert step(9, 4, 4) is None  # done
    pace.clear()
    assert step(99, 3, 4) is None


def test_what_was_long_ago_does_not_count():
    """The first tiles take long: something is compiled, or a disk wakes up."""
    clock = Clock()
    step = step_of(clock, Pace(clock))
    step(0, 0, 1000)
    for number in range(1, 400):
        left = step(300 + number, number, 1000)
    assert left == pytest.approx(601)
    # Where steps take minutes, the last few count.
    step = step_of(clock, Pace(clock))
    step(0, 0, 100)
    for number in range(1, LEAST + 20):
        left = step(10 * RECENT * number, number, 100)
    assert left == pytest.approx(10 * RECENT * (100 - number))


def test_many_short_steps_are_told_by_minutes_not_by_the_last_second():
    clock = Clock()
    pace = Pace(clock)
    step = step_of(clock, pace)
    for number in range(6000):
        step(number / 100, number, 12_000)  # a hundred a second
    assert step(65, 6001, 12_000) == pytest.approx(65 / 6001 * 5999)  # after one that took 5 s


def test_in_the_middle_of_a_step_the_time_goes_on_and_work_that_hangs_is_not_done_soon():
    clock = Clock()
    pace = Pace(clock)
    step = step_of(clock, pace)
    assert pace.still() is None
    step(0, 0, 4)
    assert step(10, 1, 4) == 30
    clock.now = 14
    assert pace.still() == 26
    clock.now = 20
    assert pace.still() == 20
    clock.now = 110  # the second step has taken 100 s already: 55 s a step, at the least
    assert pace.still() == 2 * 55


def test_times_in_words():
    assert [in_words(seconds) for seconds in (0.2, 12.4, 200, 9000)] == [
        "1 s",
        "12 s",
        "3 min",
        "2.5 h",
    ]
