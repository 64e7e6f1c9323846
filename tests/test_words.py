"""Numbers of things, and help that is made of declarations."""

import pytest

from napari_photon_denoise.cli.commands import make_parser
from napari_photon_denoise.words import counted, unit_for


@pytest.mark.parametrize(
    ("number", "things", "text"),
    [
        (1, "planes", "1 plane"),
        (0, "planes", "0 planes"),
        (2, "images", "2 images"),
        (1.0, "epochs", "1 epoch"),
        (1.5, "px", "1.5 px"),
        (1, "e-/ADU", "1 e-/ADU"),
        (1, "s", "1 s"),
        (10_000_000, "steps", "10000000 steps"),
        (0.002, "", "0.002"),
    ],
)
def test_a_number_and_its_things(number, things, text):
    assert counted(number, things) == text


def test_a_unit_stands_alone():
    assert (unit_for(1, "planes"), unit_for(2, "planes")) == ("plane", "planes")


def test_help_says_one_plane_and_nothing_of_on_or_off(capsys):
    for command in ("train", "denoise"):
        with pytest.raises(SystemExit):
            make_parser().parse_args([command, "--help"])
        shown = " ".join(capsys.readouterr().out.split())
        assert "1 planes" not in shown
        assert "default: 1 plane)" in shown
        assert "on or off" not in shown
    assert "slower. (default: off)" in shown  # of a flag that has its "no"
