"""Jobs: run, said in other words, and stopped."""

from dataclasses import replace

import pytest

from napari_photon_denoise.job import Progress, named, relabelled, run, until


@pytest.fixture
def closed():
    return []


def count(total, closed):
    """Count up; say when it is closed."""
    try:
        for number in range(total):
            yield Progress(f"step {number}", number, total)
        return "counted"
    finally:
        closed.append(True)


def test_run_returns_the_result(closed):
    assert run(count(3, closed)) == "counted"


def test_a_job_is_said_in_other_words(closed):
    job = relabelled(count(2, closed), lambda step: replace(step, done=step.done + 10))
    assert [step.done for step in job] == [10, 11]
    assert run(named(count(2, closed), "cells")) == "counted"
    assert next(named(count(2, closed), "cells")).text == "cells: step 0"


@pytest.mark.parametrize("nest", [lambda job: named(job, "cells"), lambda job: until(job, bool)])
def test_what_is_nested_is_closed_with_it(nest, closed):
    job = count(5, closed)
    outer = nest(job)
    next(outer)
    outer.close()
    assert closed == [True]


def test_what_is_nested_is_closed_when_its_words_fail(closed):
    def fail(step):
        raise RuntimeError(step.text)

    with pytest.raises(RuntimeError, match="step 0"):
        run(relabelled(count(2, closed), fail))
    assert closed == [True]


def test_a_job_stops_before_its_next_step(closed):
    asked = iter([False, False, True])
    assert run(until(count(5, closed), lambda: next(asked))) is None
    assert (next(asked, None), closed) == (None, [True])
    assert run(until(count(5, closed), bool)) == "counted"
