"""Flags that are made from declarations, for parameters of every kind."""

import argparse
import shlex

import pytest

from all_kinds import OPTIONS, AllKinds
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.cli import info, main
from napari_photon_denoise.cli.options import add_method_options, method_from
from napari_photon_denoise.denoisers import DEFAULT_METHOD, METHODS
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.parameters import declared_parameters
from napari_photon_denoise.recipe import CalibrationRecord, Recipe
from napari_photon_denoise.recipe_text import as_command_line, as_python


@pytest.fixture(autouse=True)
def with_all_kinds(monkeypatch):
    monkeypatch.setitem(METHODS, "all-kinds", AllKinds)


def parse(*words):
    parser = argparse.ArgumentParser(prog="test")
    add_method_options(parser)
    return method_from(parser.parse_args(words)), parser


def test_nothing_said_is_the_default_method():
    assert parse()[0] == METHODS[DEFAULT_METHOD]()
    assert parse("--method", "all-kinds")[0] == AllKinds()


def test_every_kind_has_its_flag(tmp_path):
    file = str(tmp_path / "my model.safetensors")
    said = parse(
        "--method", "all-kinds", "--model", file, "--border", "zero", "--width", "7",
        "--depth", "1.5", "--no-turned-copies", "--quick",
    )[0]  # fmt: skip
    assert said == AllKinds(
        model=file, border="zero", width=7, depth=1.5, turned_copies=False, quick=True
    )


def test_a_wrong_choice_is_one_sentence():
    with pytest.raises(PhotonDenoiseError, match="model must be one of auto, sharp, or a"):
        parse("--method", "all-kinds", "--model", "best")
    with pytest.raises(PhotonDenoiseError, match="box: quick is no parameter of it"):
        parse("--method", "box", "--quick")


def test_help_says_what_can_be_chosen():
    text = " ".join(parse()[1].format_help().split())
    assert "--model NAME|FILE" in text
    assert "--border NAME" in text
    assert "--turned-copies, --no-turned-copies" in text
    assert "Beyond 100 %. (one of mirror, zero; default: mirror)" in text


def test_methods_that_agree_on_a_flag_are_named_together():
    both = {"one": AllKinds, "two": AllKinds, "box": METHODS["box"]}
    parser = argparse.ArgumentParser(prog="test")
    add_method_options(parser, both, "box")
    text = " ".join(parser.format_help().split())
    assert "one of one, two, box (default: box)" in text
    assert text.count("one, two: ") == len(declared_parameters(AllKinds))
    assert method_from(parser.parse_args([]), both) == METHODS["box"]()


def test_a_flag_that_the_command_has_for_itself_stays_its_own():
    parser = argparse.ArgumentParser(prog="test")
    parser.add_argument("--width", type=int, default=0)
    add_method_options(parser)
    chosen = parser.parse_args(["--width", "5", "--method-width", "7", "--method", "all-kinds"])
    assert chosen.width == 5
    assert method_from(chosen) == AllKinds(width=7)
    assert method_from(parser.parse_args(["--width", "5"])) == METHODS[DEFAULT_METHOD]()


def test_info_lists_every_kind(monkeypatch, capsys):
    monkeypatch.setattr(info.out, "width", 200)
    assert main(["info"]) == 0
    text = capsys.readouterr().out
    for word in ("--model", "one of mirror, zero", "on or off", f"sharp: {OPTIONS['sharp']}"):
        assert word in text


def test_a_recipe_becomes_words_that_give_it_back(tmp_path):
    denoiser = AllKinds(model=tmp_path / "my model.safetensors", turned_copies=False)
    record = CalibrationRecord.of(Calibration(gain=0.5, offset=100))
    recipe = Recipe.model_construct(
        calibration=record, denoiser=denoiser, units="photons", axes=None, tile=None, input=None,
        output=None,
    )  # fmt: skip
    words = shlex.split(as_command_line(recipe))
    own = words[words.index("--method") : words.index("--gain=0.5")]
    assert parse(*own)[0] == denoiser
    assert "border='mirror', width=3, depth=0.5, turned_copies=False" in as_python(recipe)
