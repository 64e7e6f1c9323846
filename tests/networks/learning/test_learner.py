"""One learner for all lessons: judged before and after, stopped, taken up, ended early."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
if not hasattr(torch.optim, "Muon"):
    pytest.skip("training needs a newer torch", allow_module_level=True)

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import run
from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.learning.degrade import Noise
from napari_photon_denoise.networks.learning.folder import TrainingFolder
from napari_photon_denoise.networks.learning.learner import Learner
from napari_photon_denoise.networks.learning.lesson import held_out_rngs
from napari_photon_denoise.networks.learning.losses import Loss
from napari_photon_denoise.networks.learning.objective import Objective
from napari_photon_denoise.networks.learning.plan import build
from napari_photon_denoise.networks.learning.recipes.patches import LibraryPatches
from napari_photon_denoise.networks.learning.supervised import (
    Supervised,
    SupervisedJudge,
    plan_supervised,
    psnr,
)
from napari_photon_denoise.networks.learning.training import Training
from napari_photon_denoise.networks.weights import load_model
from quick_learning import keep_float32

ARCHITECTURE = Architecture(widths=(4, 8), bottom=1)


@pytest.fixture(autouse=True)
def one_precision(monkeypatch):
    keep_float32(monkeypatch)


@pytest.fixture
def lesson(rng):
    scenes = (0.5 + rng.random((6, 40, 40))).astype(np.float16)
    source = LibraryPatches(scenes, Noise(), batch=4, patch=16)
    held_out = [source(one) for one in held_out_rngs(2)]
    return Supervised(source, held_out, Objective(((Loss("mse"), 1.0),)))


def make_plan(lesson, steps=6):
    network, _ = build(ARCHITECTURE, None, 0)
    training = Training(steps=steps, learning_rate=1e-2, warm_up=1, validate_every=2)
    return plan_supervised(ARCHITECTURE, network, lesson, training, {"content": "scenes"})


def stopped(learner, after):
    """Close a training after some steps."""
    job = learner.job()
    while learner.step < after:
        next(job)
    job.close()


def scored(learned):
    return learned.facts["held_out"]


def test_it_is_judged_before_and_after(lesson):
    plan = make_plan(lesson)
    before = psnr(plan.network, lesson.held_out, "cpu")
    learned = run(Learner(plan, device="cpu").job())
    found = scored(learned)
    assert found["patches"] == 8
    assert found["psnr_start"] == before
    assert found["psnr_noisy"] == psnr(None, lesson.held_out, "cpu")
    assert found["psnr_trained"] == psnr(learned.network, lesson.held_out, "cpu")
    assert f"{before:.2f} dB before the training" in learned.said
    assert learned.kept == 2
    assert learned.facts["objective"]["losses"] == [[{"name": "mse", "epsilon": 0.01}, 1.0]]
    assert learned.facts["content"] == "scenes"


def test_one_that_does_worse_is_told(lesson):
    plan = make_plan(lesson)
    judge = SupervisedJudge(plan.network, lesson.held_out)
    judge.before("cpu")
    assert judge.after("cpu").notes == ()
    torch.nn.init.normal_(plan.network.body.head.weight, std=3)
    assert "do not use it" in judge.after("cpu").notes[0]


def test_taken_up_it_ends_as_if_it_had_not_been_stopped(lesson, tmp_path):
    through = run(Learner(make_plan(lesson), device="cpu").job())
    folder = TrainingFolder(tmp_path, "pairs")
    stopped(Learner(make_plan(lesson), folder, "cpu"), 3)
    resumed = run(Learner(make_plan(lesson), folder, "cpu").job())
    assert scored(resumed) == scored(through)
    assert resumed.curve.held_out == through.curve.held_out
    for name, part in through.network.state_dict().items():
        assert torch.equal(part, resumed.network.state_dict()[name]), name


@pytest.mark.parametrize("same_process", [True, False])
def test_ended_early_it_keeps_its_best(lesson, tmp_path, same_process):
    folder = TrainingFolder(tmp_path, "pairs")
    learner = Learner(make_plan(lesson), folder, "cpu")
    start = psnr(learner.plan.network, lesson.held_out, "cpu")
    stopped(learner, 5)
    if not same_process:
        learner = Learner(make_plan(lesson), folder, "cpu")
    learned = learner.finish()
    scores = learned.curve.held_out
    assert learned.curve.steps == [2, 4]
    assert learned.kept == scores.index(min(scores))
    assert lesson.score(learned.network, "cpu", "float32") == min(scores)
    # Judged as it was before the first step, not as the checkpoint has it.
    assert scored(learned)["psnr_start"] == start
    saved = learned.save(tmp_path / "m.safetensors")
    assert load_model(saved).facts == learned.facts


def test_of_nothing_nothing_is_kept(lesson, tmp_path):
    with pytest.raises(PhotonDenoiseError, match="Nothing was learnt yet"):
        Learner(make_plan(lesson), TrainingFolder(tmp_path, "pairs"), "cpu").finish()
    learner = Learner(make_plan(lesson), None, "cpu")
    stopped(learner, 1)
    learned = learner.finish()
    assert learned.kept == -1
    assert learned.curve.held_out == []


def test_another_training_in_the_folder_is_refused(lesson, tmp_path):
    folder = TrainingFolder(tmp_path, "pairs")
    stopped(Learner(make_plan(lesson), folder, "cpu"), 2)
    with pytest.raises(PhotonDenoiseError, match=r"other settings \(training\)"):
        Learner(make_plan(lesson, steps=7), folder, "cpu")
