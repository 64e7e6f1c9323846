"""What docs/python.md shows works, and what it lists is what there is."""

import re
from pathlib import Path

import numpy as np
import pytest

from napari_photon_denoise.labelled import NAMES

PAGE = (Path(__file__).parents[2] / "docs" / "python.md").read_text(encoding="utf-8")


def test_the_page_runs_from_top_to_bottom(tmp_path, monkeypatch, rng, capsys):
    pytest.importorskip("xarray")
    zarr = pytest.importorskip("zarr")
    monkeypatch.chdir(tmp_path)
    counts = np.rint(rng.poisson(30, (3, 40, 36)) / 0.46 + 100).astype(np.uint16)
    zarr.create_array("raw.zarr", data=counts, chunks=(1, 32, 32))
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) >= 6
    names = {}
    exec(compile("\n".join(blocks), "docs/python.md", "exec"), names)
    stored = zarr.open_array("clean.zarr", mode="r")
    again = names["npd"].denoise(counts, names["camera"], "gaussian", axes="TYX")
    np.testing.assert_array_equal(stored[:], again)
    np.testing.assert_array_equal(names["frame"], again[0])
    assert "('y', 'x', 'time') e-" in capsys.readouterr().out


def test_the_names_of_dimensions_are_those_that_are_understood():
    rows = re.findall(r"^\| ([TCZYX]) \| (.*) \|$", PAGE, re.MULTILINE)
    assert {letter: tuple(names.split(", ")) for letter, names in rows} == NAMES
