import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import tifffile

torch = pytest.importorskip("torch")
if not hasattr(torch.optim, "Muon"):
    pytest.skip("training needs a newer torch", allow_module_level=True)

import napari_photon_denoise as npd
from napari_photon_denoise.cli import main
from napari_photon_denoise.cli.stopping import run_until_stopped
from napari_photon_denoise.denoisers.names import result_name
from napari_photon_denoise.io import write_image
from napari_photon_denoise.job import Progress
from napari_photon_denoise.models import describe
from napari_photon_denoise.networks.learning.folder import make_training_folder
from napari_photon_denoise.networks.learning.pairs.settings import PairSettings
from napari_photon_denoise.networks.learning.recipes import recipe_names
from napari_photon_denoise.networks.learning.recipes.recipe import load_training_recipe
from napari_photon_denoise.networks.learning.training import Trainer
from napari_photon_denoise.virtual import scenes
from napari_photon_denoise.virtual.simulate import VirtualCamera
from quick_learning import keep_float32, stopping_at

CAMERA = npd.Calibration(gain=0.5, offset=100, read_noise=1.5)
NUMBERS = ("--gain", "0.5", "--offset", "100", "--read-noise", "1.5")
QUICK = (
    "--init", "none", "--widths", "8", "16", "--patch", "32", "--batch", "4", "--steps", "30",
    "--learning-rate", "0.005", "--device", "cpu",
)  # fmt: skip


@pytest.fixture
def folders(tmp_path):
    """Four scenes, each exposed for a short and for a forty times longer time."""
    return make_pairs(tmp_path, (96, 96), "YX")


def make_pairs(folder, shape, axes, count=4):
    rng = np.random.default_rng(0)
    camera = VirtualCamera(CAMERA)
    sides = folder / "low", folder / "high"
    for side in sides:
        side.mkdir()
    for number in range(count):
        density = scenes.filaments(shape, rng)
        for side, counts in zip(sides, camera.exposure_series(density, (5, 200), rng), strict=True):
            write_image(side / f"cell_{number}.ome.tif", counts, axes)
    return sides


def train(*arguments):
    return main(["train", *map(str, arguments)])


def refused(capsys, *arguments):
    """Run in vain; return what was said."""
    assert train(*arguments) == 2
    text = " ".join(capsys.readouterr().err.split())
    assert "Traceback" not in text
    return text


def test_the_tiny_recipe_runs_to_its_end_and_its_error_falls(tmp_path):
    target, curve = tmp_path / "tiny.safetensors", tmp_path / "curve.png"
    command = [
        sys.executable, "-m", "napari_photon_denoise", "train", "--recipe", "tiny",
        "-o", str(target), "--curve", str(curve), "--device", "cpu",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "All 24 scenes are drawn, none is real" in done.stderr
    assert "PSNR of 32 held-out patches" in done.stdout
    assert curve.stat().st_size > 1000
    facts = describe(target)["facts"]
    held = facts["held_out"]
    # Untrained it takes local means; measured: 7 dB better after the training.
    assert held["psnr_trained"] > held["psnr_start"] + 3
    assert held["psnr_start"] > held["psnr_noisy"]
    assert facts["curve"]["held_out"][-1] < facts["curve"]["held_out"][0] - 0.5
    assert facts["objective"]["losses"][1] == [{"name": "poisson-deviance", "epsilon": 0.01}, 0.5]
    assert facts["content"]["sources"] == {"drawn": 24}
    assert facts["noise"]["photons"] == [0.05, 2000]
    assert facts["start"] is None
    assert facts["seed"] == 0
    assert facts["versions"]["torch"] == torch.__version__
    assert facts["started"] <= facts["finished"]
    # The library is kept for the next time, the checkpoint is not.
    left = [path.name for path in (tmp_path / "tiny.training").iterdir()]
    assert left == ["library-planes-24-drawn-seed0"]


def test_own_pairs_train_a_network_that_denoises_them(tmp_path, folders, capsys):
    target = tmp_path / "mine.safetensors"
    low, high = folders
    assert train("--noisy", low, "--clean", high, "-o", target, *NUMBERS, *QUICK) == 0
    told = capsys.readouterr()
    assert "exposure ratio estimated" in told.err
    assert "dB after" in told.out
    facts = describe(target)["facts"]
    assert facts["exposure_ratio"] == pytest.approx(1 / 40, rel=0.05)
    assert facts["held_out"]["psnr_trained"] > facts["held_out"]["psnr_noisy"] + 5
    assert facts["content"]["sources"]["cell_0.ome.tif"]["clean"] == "cell_0.ome.tif"
    assert not (tmp_path / "mine.training").exists()
    clean = npd.denoise(low / "cell_0.ome.tif", CAMERA, npd.Resunet(model=str(target)))
    assert clean.shape == (96, 96)
    assert clean.mean() == pytest.approx(5, rel=0.2)

    text = refused(capsys, "--noisy", low, "--clean", high, "-o", target, *NUMBERS, *QUICK)
    assert "exists already" in text


def test_stacks_train_a_network_in_3d(tmp_path, capsys):
    low, high = make_pairs(tmp_path, (6, 48, 48), "ZYX", count=2)
    target = tmp_path / "deep.safetensors"
    words = ("--dimensions", "3", "--depth", "8", "--steps", "3")
    assert train("--noisy", low, "--clean", high, "-o", target, *NUMBERS, *QUICK, *words) == 0
    assert "The shallowest stack has 6 planes" in " ".join(capsys.readouterr().err.split())
    clean = npd.denoise(low / "cell_0.ome.tif", CAMERA, npd.Resunet(model=str(target)))
    assert clean.shape == (6, 48, 48)
    assert np.isfinite(clean).all()


@pytest.mark.parametrize("words", [(), ("--normalisation", "percentiles", "--networks", "2")])
def test_care_says_how_sure_it_is(tmp_path, folders, capsys, monkeypatch, words):
    low, high = folders
    target = tmp_path / "mine.safetensors"
    sizes = ("--widths", "4", "6", "8", "--patch", "16", "--batch", "2", "--steps", "8")
    words = ("--method", "care", *sizes, *words, "--device", "cpu", "--learning-rate", "0.003")
    assert train("--noisy", low, "--clean", high, "-o", target, *NUMBERS, *words) == 0
    assert "the 90 % interval" in capsys.readouterr().out
    facts = describe(target)["facts"]
    assert facts["objective"] == {"name": "laplace"}
    assert len(facts["coverage"]["factors"]) == 2
    assert main(["info", str(target)]) == 0
    assert "holds" in capsys.readouterr().out

    # It goes by its own name, and says with every result what its intervals are worth.
    named, sure = npd.Resunet(model=str(target)), tmp_path / "sure"
    assert result_name(named) == "CARE, model mine"
    given = (str(low / "cell_1.ome.tif"), "-o", str(sure / "clean.tif"), *NUMBERS)
    sure.mkdir()
    assert main(["denoise", *given, "--model", str(target), "--device", "cpu", "--tile", "32"]) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert "The 50 % interval" in told
    assert "its exposure" not in told
    names = [path.name for path in sorted(sure.iterdir())]
    several = ["clean_disagreement.ome.tif"] if "--networks" in words else []
    assert names == sorted([
        "clean.tif", "clean_50-percent-interval.ome.tif", "clean_90-percent-interval.ome.tif",
        "clean_scale.ome.tif", *several,
    ])  # fmt: skip
    clean, scale, ninety = (
        tifffile.imread(sure / f"clean{name}")
        for name in (".tif", "_scale.ome.tif", "_90-percent-interval.ome.tif")
    )
    assert clean.shape == scale.shape == (96, 96)
    np.testing.assert_allclose(ninety, facts["coverage"]["factors"][1] * scale, rtol=1e-3)
    # At another exposure its intervals were never measured.
    brighter = str(high / "cell_1.ome.tif"), "-o", str(tmp_path / "b.tif"), *NUMBERS
    assert main(["denoise", *brighter, "--model", str(target), "--device", "cpu"]) == 0
    assert "train on pairs of its exposure" in " ".join(capsys.readouterr().err.split())
    # What was cut into tiles is what the whole is.
    whole = npd.denoise(low / "cell_1.ome.tif", CAMERA, named)
    np.testing.assert_allclose(clean, whole, rtol=1e-5, atol=1e-5 * whole.max())


def test_a_second_exposure_serves_as_target(tmp_path, folders):
    low, high = folders
    target = tmp_path / "n2n.safetensors"
    words = ("--clean-is-noisy", "--exposure-ratio", "0.025", "--steps", "2")
    assert train("--noisy", low, "--clean", high, "-o", target, *NUMBERS, *QUICK, *words) == 0
    losses = describe(target)["facts"]["objective"]["losses"]
    assert [loss["name"] for loss, _ in losses] == ["mse", "poisson-nll"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--loss", "hinge"), "loss"),
        (("--clean-is-noisy", "--loss", "symmetric-kl"), "learns values that are too low"),
        (("--method", "dncnn", "--dimensions", "3"), "dncnn is 2-D only"),
        (("--patch", "34"), "multiple of 4 px"),
        (("--patch", "128"), "smaller than a patch of 128 px"),
        (("--planes", "5"), "is a single plane"),
        (("--init", "nothing"), "There is no model 'nothing'"),
        (("--content", "."), "--content is for a recipe"),
        (("--recipe", "tiny"), "either --recipe, or pairs"),
        (("--steps", "0"), "at least 1"),
    ],
)
def test_choices_that_cant_be_are_refused(tmp_path, folders, capsys, words, said):
    low, high = folders
    target = tmp_path / "m.safetensors"
    words = ("--noisy", low, "--clean", high, "-o", target, *NUMBERS, *QUICK, *words)
    assert said in refused(capsys, *words)
    assert not target.exists()


def test_images_that_cant_be_paired_are_refused(tmp_path, folders, capsys):
    low, high = folders
    words = ("--noisy", low, "--clean", high, "-o", tmp_path / "m.safetensors", *NUMBERS, *QUICK)
    (high / "cell_3.ome.tif").rename(tmp_path / "cell_3.ome.tif")
    assert "cell_3.ome.tif has no partner" in refused(capsys, *words)
    write_image(high / "cell_3.ome.tif", np.ones((96, 90), np.uint16), "YX")
    assert "its partner" in refused(capsys, *words)
    rgb = np.zeros((96, 96, 3), np.uint8)
    (high / "cell_3.ome.tif").unlink()
    import tifffile

    tifffile.imwrite(high / "cell_3.tif", rgb, photometric="rgb")
    assert "RGB" in refused(capsys, *words)
    with_nan = np.full((96, 96), np.nan, np.float32)
    (high / "cell_3.tif").unlink()
    write_image(high / "cell_3.ome.tif", with_nan, "YX")
    assert "NaN" in refused(capsys, *words)


def test_what_to_train_on_must_be_said(tmp_path, capsys):
    target = tmp_path / "m.safetensors"
    assert "Say what to train on" in refused(capsys, "-o", target)
    assert "both --noisy and --clean" in refused(capsys, "-o", target, "--noisy", ".")
    text = refused(capsys, "-o", target, "--recipe", "huge")
    assert all(name in text for name in recipe_names())
    assert "--loss is for pairs" in refused(
        capsys, "-o", target, "--recipe", "tiny", "--loss", "mse"
    )
    assert "name it m.safetensors" in refused(capsys, "-o", tmp_path / "m.pt", "--recipe", "tiny")


def test_an_unwritable_place_is_refused_before_the_training(tmp_path, capsys, monkeypatch):
    target = tmp_path / "m.safetensors"
    (tmp_path / "file").write_text("")
    text = refused(capsys, "-o", target, "--recipe", "tiny", "--work", tmp_path / "file")
    assert "can't be made" in text
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Full", (), {"free": 10}))
    assert "make room" in refused(capsys, "-o", target, "--recipe", "tiny")


def test_an_old_torch_is_refused(tmp_path, capsys, monkeypatch):
    monkeypatch.delattr(torch.optim, "Muon")
    text = refused(capsys, "-o", tmp_path / "m.safetensors", "--recipe", "tiny")
    assert "needs PyTorch 2.9 or newer" in text


@pytest.mark.parametrize("name", recipe_names())
def test_recipes_are_understood(name):
    recipe = load_training_recipe(name)
    assert recipe.text
    assert recipe.held_out.scenes < recipe.library.count


def test_a_mistake_in_a_recipe_is_named(tmp_path, capsys):
    words = load_training_recipe("tiny").model_dump(mode="json")
    words["training"]["stepz"] = 3
    path = tmp_path / "own.json"
    path.write_text(json.dumps(words))
    assert "stepz" in refused(capsys, "-o", tmp_path / "m.safetensors", "--recipe", path)
    del words["training"]["stepz"]
    words["architecture"] |= {"body": "care", "uncertainty": True}
    path.write_text(json.dumps(words))
    assert "CARE learns from pairs" in refused(
        capsys, "-o", tmp_path / "m.safetensors", "--recipe", path
    )


def test_help_names_every_setting_and_recipe(capsys):
    with pytest.raises(SystemExit):
        train("--help")
    text = " ".join(capsys.readouterr().out.split())
    for name in PairSettings.model_fields:
        assert f"--{name.replace('_', '-')}" in text
    for name in recipe_names():
        assert name in text.replace(" ", "")  # lines break at hyphens


def test_other_settings_in_the_same_folder_are_refused(tmp_path):
    work = make_training_folder(tmp_path, "x", 0)
    started = work.begin({"steps": 5, "widths": (1, 2)})
    work.checkpoint.write_bytes(b"")
    assert work.begin({"steps": 5, "widths": (1, 2)}) == started
    with pytest.raises(npd.PhotonDenoiseError, match=r"other settings \(steps\)"):
        work.begin({"steps": 6, "widths": (1, 2)})
    work.finish()
    assert not tmp_path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_keeps_what_was_learnt_from_pairs(tmp_path, folders, capsys, monkeypatch):
    keep_float32(monkeypatch)
    low, high = folders
    target, curve = tmp_path / "m.safetensors", tmp_path / "c.png"
    words = ("--noisy", low, "--clean", high, "-o", target, *NUMBERS, *QUICK, "--curve", curve)
    assert "holds no unfinished training" in refused(capsys, *words, "--finish")
    with monkeypatch.context() as patch:
        stopping_at(patch, 10)
        assert train(*words) == 130
    said = capsys.readouterr().out
    assert "Stopped after 11 of 30 steps. The same command goes on from there, and with" in said
    assert not target.exists()
    with monkeypatch.context() as patch:
        patch.delattr(Trainer, "_step")
        assert train(*words, "--finish") == 0
    said = capsys.readouterr().out
    facts = describe(target)["facts"]
    scores = facts["curve"]["held_out"]
    assert facts["curve"]["steps"] == [3, 6, 9]
    best = facts["curve"]["steps"][scores.index(min(scores))]
    assert f"Ended after 11 of 30 steps, and kept the network of step {best}." in said
    assert "dB before the training" in said
    assert curve.stat().st_size > 1000
    assert not (tmp_path / "m.training").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_lets_a_step_end_and_closes_the_job(capsys):
    closed = []

    def job():
        try:
            for step in range(1000):
                if step == 3:
                    os.kill(os.getpid(), signal.SIGINT)
                yield Progress("Training", step, 1000)
        finally:
            closed.append(step)

    before = signal.getsignal(signal.SIGINT)
    assert run_until_stopped(job(), "training") is None
    assert closed == [3]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_job_that_is_not_stopped_returns_its_result():
    def job():
        yield Progress("Training", 0, 1)
        return 7

    assert run_until_stopped(job(), "training") == 7
