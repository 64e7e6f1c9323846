"""What is declared once: its check in Python, its texts, its way through a recipe."""

import re
from pathlib import Path
from typing import Literal

import pytest

import napari_photon_denoise as npd
from all_kinds import OPTIONS, AllKinds
from napari_photon_denoise.denoiser import Method
from napari_photon_denoise.denoisers import DEFAULT_METHOD, METHODS
from napari_photon_denoise.parameters import (
    ChoiceParameter,
    NumberParameter,
    SwitchParameter,
    choice,
    declared_parameters,
    parameter,
)


def test_every_kind_is_found_in_its_order():
    model, border, width, depth, turned, quick = declared_parameters(AllKinds)
    assert model == ChoiceParameter("model", "Which network.", "auto", OPTIONS, ".safetensors")
    assert border.suffix == ""
    assert width == NumberParameter("width", "How wide.", "px", 3, 1, 9, 2, int)
    assert depth.kind is float
    assert turned.default is True
    assert quick == SwitchParameter("quick", "Less careful.", False)


def test_texts_for_people():
    model, border, width, depth, turned, quick = declared_parameters(AllKinds)
    assert model.range_text == "one of auto, sharp, or a .safetensors file"
    assert border.range_text == "one of mirror, zero"
    assert (width.range_text, width.default_text) == ("1 to 9", "3 px")
    assert (turned.default_text, quick.default_text) == ("on", "off")
    assert turned.flag == "--turned-copies"
    assert turned.words(False) == ["--no-turned-copies"]
    assert depth.words(0.25) == ["--depth", "0.25"]


def test_files_may_be_named_and_become_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mine = str(tmp_path / "mine.safetensors")
    assert AllKinds(model="mine.safetensors").model == mine
    assert AllKinds(model=Path("mine.safetensors")).model == mine
    assert AllKinds(model=mine).model == mine


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"model": "best"},
            "all-kinds: model must be one of auto, sharp, or a .safetensors file, not 'best'.",
        ),
        ({"model": "weights.pt"}, "all-kinds: model must be one of auto"),
        ({"model": 3}, "all-kinds: model must be a name, not 3."),
        ({"border": "a.safetensors"}, "all-kinds: border must be one of mirror, zero, not"),
        ({"quick": "perhaps"}, "all-kinds: quick must be True or False, not 'perhaps'."),
        ({"quick": None}, "all-kinds: quick must be True or False, not None."),
        ({"width": 4}, "all-kinds: width must be odd"),
    ],
)
def test_what_can_not_be_is_refused_in_one_sentence(values, sentence):
    with pytest.raises(npd.PhotonDenoiseError, match=f"^{re.escape(sentence)}"):
        AllKinds(**values)


def test_values_survive_json(tmp_path):
    method = AllKinds(model=tmp_path / "a.safetensors", border="zero", turned_copies=False)
    assert AllKinds.model_validate_json(method.model_dump_json()) == method


def test_a_default_that_is_no_option_is_a_fault_of_the_method():
    with pytest.raises(TypeError, match="'c' must be one of a, b"):
        choice("c", "", options={"a": "", "b": ""})


def test_a_number_need_not_be_said():
    class Optional(Method):
        method: Literal["optional"] = "optional"
        rest: int | None = parameter(None, "The rest.", unit="px", ge=1, le=9)

    (rest,) = declared_parameters(Optional)
    assert (rest.kind, rest.default, rest.default_text) == (int, None, "none")
    assert Optional().rest is None
    with pytest.raises(npd.PhotonDenoiseError, match="rest must be at least 1"):
        Optional(rest=0)


def test_a_bare_field_is_a_fault_of_the_method():
    class Bare(Method):
        method: Literal["bare"] = "bare"
        size: int = 3

    with pytest.raises(TypeError, match=r"Bare\.size must be declared"):
        declared_parameters(Bare)


def test_the_default_method_is_there():
    assert DEFAULT_METHOD in METHODS


def test_methods_that_share_a_flag_share_its_kind():
    kinds = {}
    for method in METHODS.values():
        for part in declared_parameters(method):
            assert kinds.setdefault(part.flag, type(part)) is type(part)
