"""``denoise --watch``, as a user runs it."""

import os
import re
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import tifffile

CAMERA = ("--gain", "0.5", "--offset", "100", "--method", "gaussian")
LINE = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d "


def raw_image(path, level=200):
    noisy = np.random.default_rng(level).poisson(level, (40, 50)).astype(np.uint16)
    tifffile.imwrite(path, noisy, photometric="minisblack")
    return path.read_bytes()


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "acquisition"
    folder.mkdir()
    return folder


def copy_slowly(raw, folder):
    """Write files in pieces, one after the other."""
    for name, data in raw.items():
        with (folder / name).open("wb") as file:
            for at in range(0, len(data), 1 + len(data) // 4):
                file.write(data[at : at + 1 + len(data) // 4])
                file.flush()
                time.sleep(0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_images_that_are_copied_slowly_are_denoised_whole_until_ctrl_c(tmp_path, source):
    raw = {f"t{number}.tif": raw_image(tmp_path / "x.tif", 200 + number) for number in range(3)}
    command = [sys.executable, "-m", "napari_photon_denoise", "denoise", source]
    command += ["-o", tmp_path / "clean", *CAMERA, "--watch", "--watch-quiet", "0.3"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    # A shell that has put the tests in the background has made them deaf to Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        env = os.environ | {"PYTHONUNBUFFERED": "1"}
        watch = subprocess.Popen([*map(str, command)], env=env, **pipes)
    finally:
        signal.signal(signal.SIGINT, before)
    writer = threading.Thread(target=copy_slowly, args=(raw, source))
    writer.start()
    lines = [watch.stdout.readline() for _ in raw]
    time.sleep(0.3)  # else it comes in the middle of the last line
    watch.send_signal(signal.SIGINT)
    end, errors = watch.communicate(timeout=60)
    writer.join()
    for line, name in zip(lines, raw, strict=True):
        result = tmp_path / "clean" / f"{name[:2]}_gaussian.ome.tif"
        assert re.fullmatch(LINE + re.escape(f"{source / name} -> {result}\n"), line)
    assert end == "3 images are done.\n"
    assert errors.splitlines()[-1] == "error: Stopped; what was half done has been removed."
    assert watch.returncode == 128 + signal.SIGINT


def test_what_is_done_is_skipped_and_it_ends_when_nothing_comes(tmp_path, source, photon_denoise):
    raw_image(source / "a.tif")
    words = ("denoise", source, "-o", tmp_path / "clean", *CAMERA, "--watch")
    quick = ("--watch-quiet", "0.1", "--watch-until-idle", "0.2")
    first = photon_denoise(*words, *quick)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.endswith("1 image is done.\n")
    again = photon_denoise(*words, *quick)
    assert re.fullmatch(f"{LINE}.*a.tif: done already, skipped", again.stdout.splitlines()[0])
    assert again.stdout.endswith("0 images are done, 1 done before.\n")


def test_a_bad_file_is_one_line_and_the_exit_code(tmp_path, source, photon_denoise):
    (source / "bad.tif").write_bytes(b"II*\0")
    raw_image(source / "good.tif")
    words = ("--watch", "--watch-quiet", "0.1", "--watch-until-idle", "0.2")
    done = photon_denoise("denoise", source, "-o", tmp_path / "clean", *CAMERA, *words)
    assert done.returncode == 2
    assert done.stdout.endswith("1 image is done, 1 failed.\n")
    (line,) = done.stderr.splitlines()
    assert re.fullmatch(f"error: {LINE}.*bad.tif: bad.tif is .*", line)


def test_what_can_not_be_watched_is_refused(tmp_path, source, photon_denoise):
    raw_image(source / "a.tif")

    def refused(*words):
        done = photon_denoise("denoise", *words, *CAMERA)
        assert done.returncode == 2
        return done.stderr

    out = ("-o", tmp_path / "clean")
    assert "name a folder" in refused(source, "-o", tmp_path / "clean.ome.tif", "--watch")
    assert "does not exist" in refused(tmp_path / "no", *out, "--watch")
    assert "add --watch, or leave it out" in refused(source, *out, "--watch-quiet", "3")
    assert "--watch-until-idle is about" in refused(source, *out, "--watch-until-idle", "3")
    assert "no number of seconds above 0" in refused(source, *out, "--watch", "--watch-quiet", "-1")


def test_a_recipe_is_repeated_on_what_comes(tmp_path, source, photon_denoise):
    raw_image(tmp_path / "first.tif")
    recipe = tmp_path / "first_clean.ome.tif"
    photon_denoise("denoise", tmp_path / "first.tif", "-o", recipe, *CAMERA)
    raw_image(source / "a.tif", 300)
    words = ("--watch", "--watch-quiet", "0.1", "--watch-until-idle", "0.2")
    done = photon_denoise("run", recipe, source, "-o", tmp_path / "clean", *words)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("1 image is done.\n")
