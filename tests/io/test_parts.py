"""Files in the making: who writes them, what becomes of those that nobody finishes, and locks."""

import os
import subprocess
import sys
import time

import pytest

from napari_photon_denoise.errors import PhotonDenoiseError, PhotonDenoiseWarning
from napari_photon_denoise.io import parts
from napari_photon_denoise.io.lock import InUse, held, lock_of
from napari_photon_denoise.io.parts import part_of, sweep
from napari_photon_denoise.io.whole import whole_file


@pytest.fixture(scope="module")
def dead():
    """The id of a process that has ended, and when it began."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid, int(time.time())


def left_behind(folder, pid, start, place=None):
    path = folder / f".cells.tif.{place or parts._place()}-{pid}-{start}-0123abcd.part.tif"
    path.write_bytes(b"half")
    return path


def test_what_the_dead_left_is_swept_by_the_next_and_said(tmp_path, dead):
    left = left_behind(tmp_path, *dead)
    others = [tmp_path / ".cells.tif", tmp_path / "cells.part.tif", tmp_path / ".x.part.tif"]
    for other in others:
        other.touch()
    said = r"was killed: 1 file that it left unfinished \(4e-06 MB\) was removed from"
    with pytest.warns(PhotonDenoiseWarning, match=said), whole_file(tmp_path / "a.txt") as part:
        part.write_text("new")
    assert not left.exists()
    assert all(other.exists() for other in others)


def test_what_the_living_write_stays(tmp_path):
    with part_of(tmp_path / "a.tif") as mine:
        mine.touch()
        assert sweep(tmp_path) == ()
        assert mine.exists()
    assert list(tmp_path.iterdir()) == []


def test_another_process_with_an_old_number_is_not_the_writer(tmp_path):
    left_behind(tmp_path, os.getpid(), 1_000_000_000)
    assert sweep(tmp_path) == (4,)


def test_of_another_computer_only_what_is_old_is_given_up(tmp_path, dead):
    left = left_behind(tmp_path, *dead, place="01234567")
    assert sweep(tmp_path) == ()
    long_ago = time.time() - parts.GIVEN_UP - 1
    os.utime(left, (long_ago, long_ago))
    assert sweep(tmp_path) == (4,)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has shorter paths")
def test_a_name_as_long_as_the_file_system_takes_it(tmp_path):
    path = tmp_path / ("é" * 123 + ".txt")
    with held(path), whole_file(path) as part:
        part.write_text("x")
    assert path.read_text() == "x"
    assert list(tmp_path.iterdir()) == [path]


def test_a_lock_keeps_others_off_at_once_and_says_whose_it_is(tmp_path):
    path = tmp_path / "a.tif"
    with held(path):
        said = rf"a\.tif is being written by another run \(process {os.getpid()} on .*, since \d\d:"
        with pytest.raises(InUse, match=said), held(path):
            pass
        with held(tmp_path / "b.tif"):
            pass
    with held(path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_a_killed_run_left_locks_nothing(tmp_path):
    path = tmp_path / "a.tif"
    lock_of(path).write_text("1\nelsewhere\n")
    with held(path):
        assert lock_of(path).read_text().startswith(f"{os.getpid()}\n")
    lock_of(path).write_text("1\nelsewhere\n")
    with whole_file(tmp_path / "b.txt") as part:
        assert not lock_of(path).exists()
        part.touch()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has another lock")
def test_where_there_are_no_locks_the_file_is_one(tmp_path, monkeypatch):
    import errno
    import fcntl

    def missing(*arguments):
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", missing)
    path = tmp_path / "a.tif"
    with held(path):
        with pytest.raises(InUse, match=rf"process {os.getpid()} on"), held(path):
            pass
        assert lock_of(path).exists()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_is_released_in_another_thread(tmp_path):
    """A window closes a job that another thread began."""
    from threading import Thread

    path = tmp_path / "a.tif"
    lock = held(path)
    lock.__enter__()
    thread = Thread(target=lock.__exit__, args=(None, None, None))
    thread.start()
    thread.join()
    with held(path):
        pass


def test_no_lock_in_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(PhotonDenoiseError, match=r"There is no folder .*none"):
        held(tmp_path / "none" / "a.tif").__enter__()
