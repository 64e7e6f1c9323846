"""OME-Zarr from the command line: how it is cut, and who makes its parts."""

import json

import numpy as np
import pytest
import tifffile
import zarr

from interrupting import interrupt_at
from napari_photon_denoise.cli import main, shard_options
from napari_photon_denoise.io import read, write_image

PLAIN = ("--method", "gaussian", "--gain", "0.5", "--offset", "100", "--tile", "32")
CUT = ("--chunk", "1,4,32,32", "--shard-size", "1")


@pytest.fixture
def movie(tmp_path, monkeypatch, rng):
    """A movie of small volumes, in the folder where the commands are typed; small parts, too."""
    monkeypatch.setattr(shard_options, "MIB", 2**17)
    monkeypatch.chdir(tmp_path)
    counts = (100 + 2 * rng.poisson(20, (3, 4, 70, 90))).astype(np.uint16)
    write_image("cells.ome.tif", counts, "TZYX", pixel_size={"Y": 0.1, "X": 0.1})


def denoise(*words):
    return main(["denoise", "cells.ome.tif", *PLAIN, *words])


def pixels(path):
    return zarr.open(f"{path}/0")[:]


@pytest.mark.usefixtures("movie")
def test_a_name_or_the_format_says_what_is_written(tmp_path, capsys):
    assert denoise("-o", "one.ome.zarr") == 0
    assert denoise("-o", "many", "--format", "ome-zarr") == 0
    assert denoise("-o", "many") == 0
    assert denoise("-o", "one.ome.tif", "--format", "ome-tiff") == 0
    names = {path.name for path in (tmp_path / "many").iterdir() if path.name[0] != "."}
    assert names == {"cells_gaussian.ome.zarr", "cells_gaussian.ome.tif"}
    expected = tifffile.imread("one.ome.tif")
    np.testing.assert_array_equal(pixels("one.ome.zarr"), expected)
    np.testing.assert_array_equal(pixels("many/cells_gaussian.ome.zarr"), expected)
    assert "cells.ome.tif -> one.ome.zarr\n" in capsys.readouterr().out


@pytest.mark.usefixtures("movie")
def test_the_cut_is_chosen():
    assert denoise("-o", "it.ome.zarr", "--zarr-format", "2", "--chunk", "1,2,16,32") == 0
    array = zarr.open("it.ome.zarr/0")
    assert (array.metadata.zarr_format, array.chunks) == (2, (1, 2, 16, 32))
    assert read("it.ome.zarr").axes == "TZYX"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-o", "a.ome.tif", "--format", "ome-zarr"), "a.ome.tif is OME-TIFF by its name, and --f"),
        (("-o", "a.ome.zarr", "--format", "ome-tiff"), "a.ome.zarr is OME-Zarr by its name"),
        (("-o", "a.ome.tif", "--workers", "2"), "end the name of a.ome.tif with .ome.zarr."),
        (("-o", "out", "--workers", "2"), "add --format ome-zarr, or name a file that ends with"),
        (("-o", "out", "--shards", "1/2"), "--shards goes with OME-Zarr, whose parts can be made"),
        (("-o", "a.tif", "--shard-size", "9"), "--shard-size goes with OME-Zarr"),
        (("-o", "a.tif", "--zarr-format", "2"), "--zarr-format goes with OME-Zarr"),
        (("-o", "a.ome.zarr", "--shard-size", "0"), "--shard-size must be 1 to 65536 MiB, not 0."),
        (("-o", "a.ome.zarr", "--workers", "0"), "There can be 1 to 512 workers, not 0."),
        (("-o", "a.ome.zarr", "--chunk", "1,4,32"), "A chunk has one length for each of the axes"),
        (("-o", "a.ome.zarr", "--slurm", "none.yaml"), "none.yaml can't be read"),
        (("-o", "a.ome.zarr", "--scheduler", "none.json"), "There is no file none.json: name the"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("movie")
def test_what_does_not_go_together_is_one_sentence(tmp_path, capsys, words, said):
    assert denoise(*words) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert not list(tmp_path.glob("a*"))


@pytest.mark.parametrize(
    "words",
    [
        ("--shards", "3"),
        ("--shards", "5/4"),
        ("--chunk", "a,b"),
        ("--workers", "2", "--shards", "1/2"),
        ("--format", "czi"),
    ],
)
@pytest.mark.usefixtures("movie")
def test_what_is_no_value_is_refused(capsys, words):
    with pytest.raises(SystemExit) as ended:
        denoise("-o", "a.ome.zarr", *words)
    assert ended.value.code == 2
    assert "error: argument" in capsys.readouterr().err


@pytest.mark.usefixtures("movie")
def test_shares_of_a_recipe_and_their_finish(tmp_path, capsys):
    assert denoise("-o", "whole.ome.zarr", *CUT) == 0
    recipe = read("whole.ome.zarr").recipe
    (tmp_path / "recipe.json").write_text(json.dumps(recipe))
    cut = ("-o", "it.ome.zarr", "--chunk", "1,4,32,32", "--shard-size", "1")
    capsys.readouterr()
    assert main(["run", "recipe.json", *cut, "--shards", "1/2"]) == 0
    assert "share 1/2: 3 parts done; 3 are left" in capsys.readouterr().out
    assert main(["finish", "it.ome.zarr"]) == 2
    assert "3 of 6 parts are not done" in capsys.readouterr().err
    assert main(["run", "recipe.json", *cut, "--shards", "2/2"]) == 0
    assert "all parts are done; photon-denoise finish" in capsys.readouterr().out
    assert main(["finish", "it.ome.zarr"]) == 0
    assert capsys.readouterr().out == "it.ome.zarr: finished\n"
    np.testing.assert_array_equal(pixels("it.ome.zarr"), pixels("whole.ome.zarr"))


@pytest.mark.usefixtures("movie")
def test_what_was_interrupted_is_kept_and_gone_on_with(monkeypatch, capsys):
    with monkeypatch.context() as patched:
        interrupt_at(patched, 25, lambda: None)
        assert denoise("-o", "it.ome.zarr", *CUT) == 130
    said = capsys.readouterr()
    assert "it.ome.zarr: 1 of 6 parts are done and kept: the same command goes on" in said.out
    assert denoise("-o", "it.ome.zarr", *CUT) == 0
    assert "1 of 6 parts were done before, and kept" in capsys.readouterr().err


@pytest.mark.usefixtures("movie")
def test_an_array_in_the_way_of_a_file_is_not_replaced(tmp_path):
    (tmp_path / "recipe.json").write_text("{}")
    assert main(["finish", "cells.ome.tif"]) == 2
