"""Files into files: states, notes, and the same words but for flags and buttons."""

import errno
import os
import sys
from dataclasses import replace

import numpy as np
import pytest
import tifffile

import napari_photon_denoise as npd
from napari_photon_denoise import targets
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.cli import console
from napari_photon_denoise.denoiser import Prepared
from napari_photon_denoise.errors import DenoisedAlready, OutputExists, PhotonDenoiseError
from napari_photon_denoise.faults import ProgramFault
from napari_photon_denoise.files import FilesProgress, FilesWork, denoise_files_job
from napari_photon_denoise.inputs import opened
from napari_photon_denoise.io import read
from napari_photon_denoise.io.lock import held
from napari_photon_denoise.job import run
from napari_photon_denoise.named_camera import NamedCamera

CAMERA = NamedCamera(npd.Calibration(gain=0.5, offset=100, read_noise=1.5))


@pytest.fixture
def stack(tmp_path, rng):
    """A Z stack that does not say so."""
    path = tmp_path / "stack.tif"
    tifffile.imwrite(path, rng.poisson(200, (5, 30, 40)).astype(np.uint16), metadata=None)
    return path


def work(folder, **more):
    given = {"denoiser": npd.Gaussian(), "output": folder / "out", "label": "gaussian"}
    return FilesWork(**{**given, "camera": CAMERA, **more})


def test_each_file_is_waiting_running_and_done_or_failed(tmp_path, stack):
    bad = tmp_path / "bad.tif"
    bad.write_text("no image")
    job = denoise_files_job(work(tmp_path), [bad, stack])
    seen, ended = [], None
    while ended is None:
        try:
            step = next(job)
        except StopIteration as end:
            ended = end.value
        else:
            assert isinstance(step, FilesProgress)
            states = tuple(file.state for file in step.files)
            if not seen or seen[-1] != states:
                seen.append(states)
    assert seen == [
        ("running", "waiting"),
        ("failed", "waiting"),
        ("failed", "running"),
        ("failed", "done"),
    ]
    failed, done = ended
    assert "bad.tif" in str(failed.error)
    assert done.files == (tmp_path / "out" / "stack_gaussian.ome.tif",)
    again = run(denoise_files_job(work(tmp_path), [bad, stack]))
    assert [file.state for file in again] == ["failed", "skipped"]


def test_axes_that_are_a_guess_are_said_before_the_work(tmp_path, stack):
    job = denoise_files_job(work(tmp_path, name_axes="see --axes"), [stack])
    sentence = (
        "The file does not name its axes, and nothing tells what its 5 planes are, so no method "
        "looks from one to the next: see --axes."
    )
    for step in job:
        if step.files[0].notes:
            assert step.text == "stack.tif: Looking for the camera"
            assert step.files[0].notes == (sentence,)
            break
    job.close()
    assert list((tmp_path / "out").iterdir()) == []


def test_likely_axes_are_the_better_guess_where_they_fit(tmp_path, stack):
    (done,) = run(denoise_files_job(work(tmp_path, likely="ZYX"), [stack]))
    assert "ZYX is a guess" in done.notes[0]
    with read(done.target) as image:
        assert (image.axes, image.recipe["axes"]) == ("ZYX", "ZYX")
    (other,) = run(denoise_files_job(work(tmp_path / "b", likely="TZYX"), [stack]))
    assert "nothing tells" in other.notes[0]


def test_what_a_method_says_and_gives_beside_arrives(tmp_path, stack, monkeypatch):
    real = npd.Gaussian.prepare

    def prepare(gaussian, photons, device):
        function = yield from real(gaussian, photons, device)

        def both(block, read_noise):
            clean = function(block, read_noise)
            return np.stack([clean, clean / 10])

        return Prepared(function, ("It says so.",), gaussian.extras, both)

    monkeypatch.setattr(npd.Gaussian, "prepare", prepare)
    monkeypatch.setattr(npd.Gaussian, "extras", ("standard deviation",))
    (done,) = run(denoise_files_job(work(tmp_path, axes="ZYX"), [stack]))
    assert done.notes == ("It says so.",)
    assert [path.name for path in done.files] == [
        "stack_gaussian.ome.tif",
        "stack_gaussian_standard-deviation.ome.tif",
    ]
    clean, spread = (tifffile.imread(path) for path in done.files)
    np.testing.assert_allclose(spread, clean / 10)


def test_a_camera_that_is_estimated_is_said(tmp_path, rng):
    from napari_photon_denoise.virtual.samples import make_sample

    path = tmp_path / "n.tif"
    tifffile.imwrite(path, make_sample("nuclei", photons=20).counts)
    (done,) = run(denoise_files_job(work(tmp_path, camera=NamedCamera()), [path]))
    line = done.notes[0]
    assert line.startswith("No camera was given: estimated from this image, gain ")
    assert not any("not measured" in sentence for sentence in done.notes)
    in_full = work(tmp_path, camera=NamedCamera(), verbose=True)
    (skipped,) = run(denoise_files_job(in_full, [path]))
    assert skipped.notes[0] == line
    assert any("not measured" in sentence for sentence in skipped.notes)


def test_every_face_has_its_own_advice(tmp_path, stack):
    one = work(tmp_path, output=tmp_path / "out.ome.tif")
    run(denoise_files_job(one, [stack]))
    other = replace(one, denoiser=npd.Gaussian(sigma=2))
    (refused,) = run(denoise_files_job(other, [stack]))
    assert isinstance(refused.error, OutputExists)
    fact = f"{tmp_path / 'out.ome.tif'} exists already and was made otherwise"
    assert str(refused.error) == f"{fact}: choose another name, or allow overwriting."
    on_command_line = console.in_words(refused.error)
    assert on_command_line == f"{fact}: add --overwrite, or choose another name or folder."


def test_what_is_known_of_a_file_that_fails_is_said(tmp_path, stack):
    other = NamedCamera(Calibration(gain=0.5, offset=np.full((7, 9), 100)))
    (failed,) = run(denoise_files_job(work(tmp_path, camera=other), [stack]))
    assert failed.state == "failed"
    assert "does not name its axes" in failed.notes[0]


def test_one_file_that_was_done_before_is_skipped(tmp_path, stack):
    one = work(tmp_path, output=tmp_path / "out.ome.tif")
    run(denoise_files_job(one, [stack]))
    (again,) = run(denoise_files_job(one, [stack]))
    assert again.state == "skipped"


def test_what_is_no_image_is_not_written_over(tmp_path, stack):
    (tmp_path / "out.ome.tif").write_bytes(b"precious")
    (refused,) = run(denoise_files_job(work(tmp_path, output=tmp_path / "out.ome.tif"), [stack]))
    assert isinstance(refused.error, OutputExists)
    assert (tmp_path / "out.ome.tif").read_bytes() == b"precious"


def test_a_result_is_denoised_again_only_where_that_is_allowed(tmp_path, stack):
    (done,) = run(denoise_files_job(work(tmp_path), [stack]))
    again = work(tmp_path, output=tmp_path / "again")
    (refused,) = run(denoise_files_job(again, [done.target]))
    assert isinstance(refused.error, DenoisedAlready)
    fact = "stack_gaussian.ome.tif is a result of this program, denoised already by Gaussian"
    assert str(refused.error).startswith(f"{fact}: name the raw image, or allow results")
    said = console.in_words(refused.error)
    assert said == f"{fact}: name the raw image, or add --allow-results if you mean it."
    (allowed,) = run(denoise_files_job(replace(again, allow_results=True), [done.target]))
    assert allowed.state == "done"


def test_a_calibration_is_no_image(tmp_path):
    path = CAMERA.known().save(tmp_path / "camera.tif")
    (refused,) = run(denoise_files_job(work(tmp_path, allow_results=True), [path]))
    assert "is the calibration of a camera, no image" in str(refused.error)


def test_several_images_need_a_folder(tmp_path, stack):
    with pytest.raises(PhotonDenoiseError, match="can't go into one file"):
        run(denoise_files_job(work(tmp_path, output=tmp_path / "a.tif"), [stack, stack]))


def test_axes_that_nobody_knows_let_no_method_look_across_planes(tmp_path, stack):
    """Neither one that was asked for planes around, nor RESUNET, which looks for them."""
    asked = npd.Box(size=1, size_z=3)
    raw = CAMERA.calibration.to_photons(tifffile.imread(stack))
    (done,) = run(denoise_files_job(work(tmp_path, denoiser=asked), [stack]))
    with read(done.target) as image:
        np.testing.assert_allclose(np.asarray(image.data), raw, rtol=1e-6)
        assert image.axes == "TYX"  # not 5 channels, each of which napari would show as a layer
    with opened(stack, None) as image:
        photons = image.photons(CAMERA.calibration)
    assert npd.Resunet().resolved(photons).model == "resunet-2d"
    with opened(stack, "ZYX") as image:
        photons = image.photons(CAMERA.calibration)
    assert npd.Resunet().resolved(photons).model == "resunet-stack"


def test_a_name_that_tells_the_axes_is_a_guess_with_its_reason(tmp_path, stack):
    named = stack.rename(tmp_path / "stack_zyx.tif")
    (done,) = run(denoise_files_job(work(tmp_path), [named]))
    assert "ZYX is a guess (named like focal planes: “zyx”)" in done.notes[0]
    with read(done.target) as image:
        assert image.axes == "ZYX"


@pytest.fixture
def image(tmp_path, rng):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, rng.poisson(200, (30, 40)).astype(np.uint16), metadata=None)
    return path


def failing(monkeypatch, errors):
    """Have Gaussian raise these, one an image, before it denoises those that come after."""
    real, left = npd.Gaussian.prepare, list(errors)

    def prepare(gaussian, photons, device):
        if left:
            raise left.pop(0)
        return (yield from real(gaussian, photons, device))

    monkeypatch.setattr(npd.Gaussian, "prepare", prepare)


def test_whatever_happens_to_a_file_is_its_sentence_and_the_next_is_done(
    tmp_path, image, monkeypatch, caplog
):
    errors = [
        MemoryError(),
        OSError(errno.EIO, "Input/output error"),
        UnicodeDecodeError("utf-8", b"\xe9", 0, 1, "invalid start byte"),
        ZeroDivisionError("division by zero"),
    ]
    sources = [image, *(tmp_path / f"{name}.tif" for name in "bcde")]
    for source in sources[1:]:
        source.write_bytes(image.read_bytes())
    failing(monkeypatch, errors)
    *failed, done = run(denoise_files_job(work(tmp_path), sources))
    assert [file.state for file in failed] == ["failed"] * 4
    said = [str(file.error) for file in failed]
    assert "a.tif needs more memory than there is" in said[0]
    assert "b.tif: the disk or the network failed" in said[1]
    assert "c.tif" in said[2]
    assert "d.tif: a fault of this program (ZeroDivisionError: division by zero)" in said[3]
    assert isinstance(failed[3].error, ProgramFault)
    assert done.state == "done"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["e_gaussian.ome.tif"]
    (logged,) = caplog.records  # for who looks at the terminal of a window
    assert logged.exc_info[0] is ZeroDivisionError


def test_a_folder_that_vanishes_meanwhile(tmp_path, image):
    job = denoise_files_job(work(tmp_path), [image])
    for step in job:
        if step.text == "a.tif: Denoising":
            break
    (tmp_path / "out").rmdir()
    (failed,) = run(job)
    assert "There is no folder" in str(failed.error)


def test_images_of_one_name_have_results_of_different_names(tmp_path, image):
    other = tmp_path / "sub" / "a.tif"
    other.parent.mkdir()
    twins = [tmp_path / "b.tif", tmp_path / "b.npy", image, other]
    for twin in (twins[0], other):
        twin.write_bytes(image.read_bytes())
    np.save(twins[1], tifffile.imread(image))
    (tmp_path / "b.1.tif").write_bytes(image.read_bytes())
    files = run(denoise_files_job(work(tmp_path), [*twins, tmp_path / "b.1.tif"]))
    assert [file.state for file in files] == ["done"] * 5
    assert [file.target.name.removesuffix("_gaussian.ome.tif") for file in files] == [
        "b-tif", "b-npy", "a", "sub_a", "b.1"
    ]  # fmt: skip
    again = run(denoise_files_job(work(tmp_path), [*twins, tmp_path / "b.1.tif"]))
    assert [file.state for file in again] == ["skipped"] * 5


def test_an_image_that_is_named_twice_is_done_once(tmp_path, image):
    done, twice = run(denoise_files_job(work(tmp_path), [image, image]))
    assert done.state == "done"
    assert str(twice.error) == "a.tif is named twice: name it once."


def test_names_that_would_still_be_one_fail_alone(tmp_path, image):
    others = [tmp_path / name for name in ("a.npy", "a-tif.tif")]
    for path in others:
        path.write_bytes(image.read_bytes())
    targets = work(tmp_path).planned([image, *others])
    assert [file.state for file in targets] == ["waiting", "waiting", "failed"]
    assert "like that of a.tif: give it an output of its own" in str(targets[2].error)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows needs a right to make links")
def test_a_result_never_replaces_what_is_read(tmp_path, image):
    camera = CAMERA.known().save(tmp_path / "cam.tif")
    os.link(camera, tmp_path / "hard.tif")
    (tmp_path / "soft.tif").symlink_to(image)
    named = NamedCamera(npd.Calibration.load(camera))
    recipe = tmp_path / "recipe.json"
    recipe.write_text("{}")
    (tmp_path / "recipe.tif").symlink_to(recipe)
    before = {path: path.read_bytes() for path in (camera, image, recipe)}
    for name, what in (
        ("cam.tif", "calibration"),
        ("hard.tif", "calibration"),
        ("soft.tif", "input"),
        ("recipe.tif", "recipe"),
    ):
        one = work(tmp_path, output=tmp_path / name, camera=named, overwrite=True, recipe=recipe)
        (refused,) = run(denoise_files_job(one, [image]))
        assert f"{name} is the {what} itself: choose another output" in str(refused.error)
    assert before == {path: path.read_bytes() for path in before}


def test_a_model_is_read_too(tmp_path):
    model = tmp_path / "mine.safetensors"
    assert targets.model_files(npd.Resunet(model=str(model))) == (model,)
    assert targets.model_files(npd.Resunet()) == ()
    assert targets.model_files(npd.Gaussian()) == ()


def test_a_file_that_another_run_writes_is_left_to_it(tmp_path, image):
    one = work(tmp_path, output=tmp_path / "o.ome.tif")
    with held(tmp_path / "o.ome.tif"):
        (refused,) = run(denoise_files_job(one, [image]))
    assert "o.ome.tif is being written by another run" in str(refused.error)
    assert not (tmp_path / "o.ome.tif").exists()


def test_what_came_meanwhile_is_not_replaced_and_the_result_is_kept(tmp_path, image):
    target = tmp_path / "o.ome.tif"
    job = denoise_files_job(work(tmp_path, output=target), [image])
    for step in job:
        if "tile" in step.text:
            break
    target.write_bytes(b"precious")
    (failed,) = run(job)
    assert target.read_bytes() == b"precious"
    assert "another program has written it meanwhile" in str(failed.error)
    (kept,) = tmp_path.glob("o.*.ome.tif")
    assert kept.name in str(failed.error)
    with read(kept) as clean:
        assert clean.data.shape == (30, 40)


def test_an_image_that_is_written_to_meanwhile_gives_no_result(tmp_path, rng):
    path = tmp_path / "cells.npy"
    planes = rng.poisson(50, (3, 40, 50)).astype(np.uint16) + 100
    np.save(path, planes)
    files, job = (), denoise_files_job(work(tmp_path, axes="ZYX"), [path])
    for step in job:
        files = step.files
        if step.text.endswith("plane 2 of 3"):
            np.save(path, planes[::-1])
    assert files[0].state == "failed"
    assert "cells.npy was changed while it was being read" in str(files[0].error)
    assert list((tmp_path / "out").iterdir()) == []


def test_python_gives_no_result_of_a_file_that_is_written_to_meanwhile(tmp_path, rng):
    path = tmp_path / "cells.npy"
    counts = rng.poisson(50, (40, 50)).astype(np.uint16) + 100
    np.save(path, counts)

    class Rewriting(npd.Gaussian):
        def prepare(self, photons, device):
            np.save(path, np.r_[counts, counts])
            return (yield from super().prepare(photons, device))

    with pytest.raises(PhotonDenoiseError, match="changed while it was being read"):
        npd.denoise(path, CAMERA.known(), Rewriting())
