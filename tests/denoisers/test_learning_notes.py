import pytest

from napari_photon_denoise.denoisers import (
    AdaptedResunet,
    ImprovedBlindSpot,
    Noise2Void,
    ProbabilisticNoise2Void,
)

torch = pytest.importorskip("torch")


def said(kind, scores):
    return " ".join(kind(dimensions="2-D", neighbours="z").notes(scores))


@pytest.mark.parametrize("kind", [Noise2Void, ImprovedBlindSpot])
def test_a_guess_worse_than_the_noise_is_told(kind):
    assert "worse than their own noise" in said(kind, [5.0, 2.4, 2.3, 2.3, 2.3, 2.3])
    assert said(kind, [5.0, 1.2, 1.1, 1.1, 1.1, 1.1]) == ""


def test_the_probabilistic_one_weighs_the_pixel_itself():
    assert said(ProbabilisticNoise2Void, [5.0, 2.4, 2.3, 2.3, 2.3, 2.3]) == ""


def test_more_epochs_are_advised_while_it_gets_better():
    assert "more epochs" in said(Noise2Void, [1.9, 1.5, 1.3, 1.2])


def test_the_adapted_one_lets_its_judge_speak():
    assert AdaptedResunet().notes([1.0, 0.99, 0.9]) == []
