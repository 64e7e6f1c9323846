"""Networks from noisy images alone: learnt, stopped, killed, taken up again, used."""

import os
import shlex
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
if not hasattr(torch.optim, "Muon"):
    pytest.skip("training needs a newer torch", allow_module_level=True)

import napari_photon_denoise as npd
from napari_photon_denoise.cli import main
from napari_photon_denoise.io import read, write_image
from napari_photon_denoise.models import describe
from napari_photon_denoise.networks.learning.blind_spot import plan_blind as planning
from napari_photon_denoise.networks.learning.training import Trainer, Training
from napari_photon_denoise.networks.weights import load_model
from napari_photon_denoise.parameters import declared_parameters
from quick_learning import LEARNING, make_small, stopping_at

NUMBERS = ("--gain", "0.5", "--offset", "100", "--read-noise", "1.5")
QUICK = ("--batch", "2", "--patch", "16", "--device", "cpu", "--epochs", "4")
TO_THE_END = ("--patience", "9")
# Run in a process of its own, which dies in the middle of a step: steps, then the command.
KILLED = """
import os, signal, sys
import pytest
from functools import partial
from napari_photon_denoise.cli import main
from napari_photon_denoise.networks.learning.blind_spot import plan_blind as plan
from napari_photon_denoise.networks.learning.training import Trainer, Training
from quick_learning import make_small

make_small(pytest.MonkeyPatch())
plan.Training = partial(Training, checkpoint_seconds=-1)
step = Trainer._step
def die(trainer, number):
    if number == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return step(trainer, number)
Trainer._step = die
main(sys.argv[2:])
"""


@pytest.fixture(autouse=True)
def small(monkeypatch):
    make_small(monkeypatch)


@pytest.fixture
def image(tmp_path, rng):
    return make_image(tmp_path / "cells.ome.tif", rng, (48, 56))


def make_image(path, rng, shape, axes="YX"):
    y, x = np.indices(shape)[-2:]
    light = 20 * (1 + 0.8 * np.sin(y / 4) * np.cos(x / 5))
    electrons = rng.poisson(light) + rng.normal(0, 1.5, shape)
    write_image(path, np.rint(electrons / 0.5 + 100).astype(np.uint16), axes)
    return path


def learn(*arguments, camera=NUMBERS):
    return main(["learn", *map(str, arguments), *QUICK, *camera])


def refused(capsys, *arguments, camera=NUMBERS):
    """Run in vain; return what was said, which is one sentence and nothing else."""
    assert learn(*arguments, camera=camera) == 2
    text = capsys.readouterr().err.split("error: ", 1)[1]
    assert text.count("\n") == 1
    assert text.endswith(".\n")
    return text


def weights(path):
    return {name: part.numpy() for name, part in load_model(path).network.state_dict().items()}


def assert_same_weights(one, other):
    one, other = weights(one), weights(other)
    assert one.keys() == other.keys()
    for name, part in one.items():
        np.testing.assert_array_equal(part, other[name])


@pytest.mark.parametrize("method", LEARNING)
def test_what_is_learnt_is_written_and_denoises(tmp_path, image, capsys, method):
    target, curve = tmp_path / "m.safetensors", tmp_path / "c.png"
    assert learn(image, "--method", method, "-o", target, "--curve", curve, *TO_THE_END) == 0
    told = capsys.readouterr()
    assert "Learnt for 4 of at most 4 epochs" in told.out
    assert "Learnt for 4 of at most 4 epochs" in told.out
    assert f"wrote {target}" in told.out
    assert curve.stat().st_size > 1000
    assert not (tmp_path / "m.training").exists()
    facts = describe(target)["facts"]
    assert facts["content"]["sources"] == [{"file": "cells.ome.tif", "bytes": image.stat().st_size}]
    assert len(facts["curve"]["held_out"]) == 4
    assert facts["started"] <= facts["finished"]

    # The words that are said are a command that works.
    words = shlex.split(told.out.split("Denoise with: photon-denoise ")[1])
    out = tmp_path / "OUT.ome.tif"
    words = [{"IN": str(image), "OUT.ome.tif": str(out)}.get(word, word) for word in words]
    assert main(words) == 0
    with read(out) as clean, read(image) as raw:
        photons = (np.asarray(raw.data) - 100.0) * 0.5
        # What has hardly learnt takes local means.
        assert np.asarray(clean.data).var() < photons.var()
        assert np.asarray(clean.data).mean() == pytest.approx(photons.mean(), rel=0.1)


def test_train_with_a_method_that_learns_is_the_same_command(tmp_path, image, capsys):
    one, other = tmp_path / "one.safetensors", tmp_path / "other.safetensors"
    assert learn(image, "--method", "n2v", "-o", one) == 0
    for words in (["--method", "n2v", image, "-o", other], ["--method=n2v", image, "-o", other]):
        assert main(["train", *map(str, words), "--overwrite", *QUICK, *NUMBERS]) == 0
        assert_same_weights(one, other)
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    assert "learn --help" in " ".join(capsys.readouterr().out.split())


def test_help_explains_every_parameter(capsys):
    with pytest.raises(SystemExit):
        main(["learn", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for kind in LEARNING.values():
        for part in declared_parameters(kind):
            assert part.flag in text
    assert "--sigma " not in text


def test_several_images_of_a_kind_learn_together(tmp_path, rng, capsys):
    paths = [make_image(tmp_path / f"{name}.ome.tif", rng, (40, 48)) for name in "ab"]
    target = tmp_path / "m.safetensors"
    assert learn(*paths, "-o", target) == 0
    files = [source["file"] for source in describe(target)["facts"]["content"]["sources"]]
    assert files == ["a.ome.tif", "b.ome.tif"]
    stack = make_image(tmp_path / "stack.ome.tif", rng, (3, 40, 48), "ZYX")
    plane = make_image(tmp_path / "plane.ome.tif", rng, (1, 40, 48), "ZYX")
    more = ("-o", tmp_path / "n.safetensors")
    assert "has the axes YX and stack.ome.tif ZYX" in refused(capsys, paths[0], stack, *more)
    text = refused(capsys, stack, plane, *more)
    assert "stack.ome.tif and plane.ome.tif ask for different networks" in text
    assert learn(stack, plane, "--dimensions", "2-D", *more) == 0


def test_frames_as_neighbours_are_in_the_words_to_use_it(tmp_path, rng, capsys):
    film = make_image(tmp_path / "film.ome.tif", rng, (4, 40, 48), "TYX")
    assert learn(film, "-o", tmp_path / "m.safetensors") == 0
    assert "--neighbours t --gain=0.5" in capsys.readouterr().out


def test_without_a_camera_it_is_estimated_and_said(tmp_path, capsys):
    from napari_photon_denoise.virtual.samples import make_sample
    from napari_photon_denoise.virtual.simulate import VirtualCamera

    truth = make_sample("nuclei", photons=20).truth
    camera = VirtualCamera(npd.Calibration(gain=0.5, offset=100, read_noise=1.0))
    counts = camera.expose(truth, np.random.default_rng(0))
    path = write_image(tmp_path / "n.ome.tif", counts, "YX")
    target = tmp_path / "m.safetensors"
    assert learn(path, "-o", target, camera=()) == 0
    told = capsys.readouterr()
    assert "No camera was given: n.ome.tif tells it for all images, estimated from" in told.err
    assert "--gain" not in told.out
    assert "estimated" in describe(target)["facts"]["camera"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_keeps_what_was_learnt_and_the_same_command_goes_on(
    tmp_path, image, capsys, monkeypatch
):
    through, target = tmp_path / "through.safetensors", tmp_path / "m.safetensors"
    assert learn(image, "-o", through) == 0
    with monkeypatch.context() as patch:
        stopping_at(patch, 4)
        assert learn(image, "-o", target) == 130
    text = capsys.readouterr().out
    assert "Stopped after 2 epochs. The same command goes on from there" in text
    assert "--finish" in text
    assert not target.exists()
    made = []
    with monkeypatch.context() as patch:
        step = Trainer._step
        patch.setattr(Trainer, "_step", lambda t, n: made.append(n) or step(t, n))
        assert learn(image, "-o", target) == 0
    assert made == [5, 6, 7]
    assert_same_weights(through, target)
    assert not (tmp_path / "m.training").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_finish_writes_the_best_so_far_and_learns_no_further(tmp_path, image, capsys, monkeypatch):
    target = tmp_path / "m.safetensors"
    assert "holds no unfinished training" in refused(capsys, image, "-o", target, "--finish")
    with monkeypatch.context() as patch:
        stopping_at(patch, 4)
        assert learn(image, "-o", target) == 130
    with monkeypatch.context() as patch:
        patch.delattr(Trainer, "_step")
        assert learn(image, "-o", target, "--finish") == 0
    assert "Learnt for 2 of at most 4 epochs" in capsys.readouterr().out
    assert len(describe(target)["facts"]["curve"]["held_out"]) == 2
    assert not (tmp_path / "m.training").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_process_loses_what_came_after_its_checkpoint_and_no_more(
    tmp_path, image, monkeypatch
):
    target, through = tmp_path / "m.safetensors", tmp_path / "through.safetensors"
    words = ["learn", str(image), "-o", str(target), *QUICK, *NUMBERS]
    command = [sys.executable, "-c", KILLED, "5", *words]
    paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(command, capture_output=True, env=os.environ | {"PYTHONPATH": paths})
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not target.exists()
    made = []
    step = Trainer._step
    monkeypatch.setattr(Trainer, "_step", lambda t, n: made.append(n) or step(t, n))
    # How often is noted in the folder too.
    monkeypatch.setattr(planning, "Training", partial(Training, checkpoint_seconds=-1))
    assert learn(image, "-o", target) == 0
    assert made == [5, 6, 7]
    assert learn(image, "-o", through) == 0
    assert_same_weights(through, target)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_a_folder_with_another_training_is_refused(tmp_path, image, rng, capsys, monkeypatch):
    target = tmp_path / "m.safetensors"
    with monkeypatch.context() as patch:
        stopping_at(patch, 2)
        assert learn(image, "-o", target) == 130
    kept = {path: path.read_bytes() for path in (tmp_path / "m.training").iterdir()}
    assert "with other settings (" in refused(capsys, image, "-o", target, "--seed", "5")
    # Another image under the same name, of the same size.
    image.unlink()
    make_image(image, rng, (48, 56))
    assert "other settings (content)" in refused(capsys, image, "-o", target)
    assert {path: path.read_bytes() for path in (tmp_path / "m.training").iterdir()} == kept


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_a_damaged_checkpoint_is_refused(tmp_path, image, capsys, monkeypatch):
    target = tmp_path / "m.safetensors"
    with monkeypatch.context() as patch:
        stopping_at(patch, 2)
        assert learn(image, "-o", target) == 130
    checkpoint = next((tmp_path / "m.training").glob("*.safetensors"))
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    for words in ((), ("--finish",)):
        assert "is damaged or no checkpoint: remove it" in refused(
            capsys, image, "-o", target, *words
        )
    assert not target.exists()


def test_images_that_cant_be_learnt_from_are_refused(tmp_path, image, capsys, rng):
    def written(data, **more):
        import tifffile

        path = tmp_path / "bad.tif"
        tifffile.imwrite(path, data, **more)
        return path

    target = ("-o", tmp_path / "m.safetensors")
    with_nan = rng.normal(200, 10, (48, 56)).astype(np.float32)
    with_nan[7, 9] = np.nan
    assert "bad.tif: The image holds NaN" in refused(capsys, image, written(with_nan), *target)
    for value in (0, 150):
        flat = np.full((48, 56), value, np.uint16)
        assert "same value everywhere" in refused(capsys, written(flat), *target)
    thin = rng.poisson(200, (1, 80)).astype(np.uint16)
    assert "1 × 80 px" in refused(capsys, written(thin), *target)
    colour = np.zeros((48, 56, 3), np.uint8)
    assert "RGB" in refused(capsys, written(colour, photometric="rgb"), *target)
    plane = rng.poisson(200, (48, 56)).astype(np.uint16)
    assert "one plane along z" in refused(capsys, written(plane), "--dimensions", "3-D", *target)
    assert "nothing.tif" in refused(capsys, tmp_path / "nothing.tif", *target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.tif", "cells.ome.tif"]


def test_a_constant_image_tells_of_no_camera(tmp_path, capsys):
    path = write_image(tmp_path / "flat.ome.tif", np.full((64, 64), 7, np.uint16), "YX")
    text = refused(capsys, path, "-o", tmp_path / "m.safetensors", camera=())
    assert "no noise" in text


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32, np.float64])
def test_integers_and_floats_are_learnt_from(tmp_path, rng, dtype):
    counts = rng.poisson(40, (32, 40)).astype(dtype)
    np.save(tmp_path / "cells.npy", counts)
    target = tmp_path / "m.safetensors"
    camera = ("--gain", "1", "--offset", "0")
    assert learn(tmp_path / "cells.npy", "-o", target, camera=camera) == 0
    assert all(np.isfinite(part).all() for part in weights(target).values())


def test_where_memory_is_short_patches_are_read_from_the_file(tmp_path, rng, monkeypatch):
    import psutil

    image = make_image(tmp_path / "stack.ome.tif", rng, (6, 48, 56), "ZYX")
    memory = psutil.virtual_memory()._replace(available=1000)
    seen = []
    read_small = planning.read_small_job

    def watched(images):
        held = yield from read_small(images)
        seen.extend(type(one.data) for one in held)
        return held

    monkeypatch.setattr(planning, "read_small_job", watched)
    assert learn(image, "-o", tmp_path / "a.safetensors") == 0
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    assert learn(image, "-o", tmp_path / "b.safetensors") == 0
    assert seen[0] is np.ndarray
    assert seen[1] is not np.ndarray


def test_places_that_cant_be_written_are_refused(tmp_path, image, capsys, monkeypatch):
    target = tmp_path / "m.safetensors"
    (tmp_path / "file").write_text("")
    text = refused(capsys, image, "-o", target, "--work", tmp_path / "file")
    assert "can't be made" in text
    assert "There is no folder" in refused(capsys, image, "-o", tmp_path / "no" / "m.safetensors")
    assert "name it m.safetensors" in refused(capsys, image, "-o", tmp_path / "m.pt")
    assert "name it c.png" in refused(capsys, image, "-o", target, "--curve", tmp_path / "c.pdf")
    with monkeypatch.context() as patch:
        patch.setattr("shutil.disk_usage", lambda folder: type("Full", (), {"free": 10}))
        assert "make room" in refused(capsys, image, "-o", target)
    target.write_bytes(b"precious")
    assert "exists already" in refused(capsys, image, "-o", target)
    assert target.read_bytes() == b"precious"
    assert learn(image, "-o", target, "--overwrite") == 0


def test_a_disk_that_fills_up_meanwhile_loses_nothing(tmp_path, image, capsys, monkeypatch):
    from napari_photon_denoise.networks import weights as writing

    target = tmp_path / "m.safetensors"

    def full(*arguments):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(writing.Path, "write_bytes", full, raising=True)
        patch.setattr("napari_photon_denoise.networks.learning.folder.check_room", lambda *a: None)
        patch.setattr("napari_photon_denoise.cli.training.check_room", lambda *a: None)
        assert "No space left on device" in refused(capsys, image, "-o", target)
    assert not target.exists()
    # All of it was learnt: nothing is learnt again.
    monkeypatch.delattr(Trainer, "_step")
    assert learn(image, "-o", target) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--method", "magic"), "'magic' is no method that learns from noisy images"),
        (("--method", "gaussian"), "'gaussian' is no method that learns from noisy images"),
        (("--epochs", "0"), "epochs must be at least 1"),
        (("--patch", "15"), "patch must be at least 16"),
        (("--learning-rate", "fast"), "learning_rate"),
        (("--blind-spot", "square"), "blind_spot must be one of"),
        (("--axes", "ZYX"), "axes"),
        (("--camera", "nikon"), "either --camera"),
    ],
)
def test_choices_that_cant_be_are_refused(tmp_path, image, capsys, words, said):
    command = ["learn", str(image), "-o", str(tmp_path / "m.safetensors"), *QUICK, *NUMBERS]
    assert main([*command, *words]) == 2
    text = capsys.readouterr().err
    assert said in text
    assert text.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["cells.ome.tif"]


def test_a_training_that_diverges_is_one_sentence(tmp_path, image, capsys, monkeypatch):
    from napari_photon_denoise.networks.learning.blind_spot.lesson import BlindLesson

    monkeypatch.setattr(BlindLesson, "loss", lambda *a: torch.tensor(float("nan")))
    assert "diverged at step 0" in refused(capsys, image, "-o", tmp_path / "m.safetensors")


def test_without_torch_it_is_one_sentence(tmp_path, image, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    text = refused(capsys, image, "-o", tmp_path / "m.safetensors")
    assert "install torch" in text
    monkeypatch.undo()
    monkeypatch.delattr(torch.optim, "Muon")
    assert "PyTorch 2.9 or newer" in refused(capsys, image, "-o", tmp_path / "m.safetensors")
