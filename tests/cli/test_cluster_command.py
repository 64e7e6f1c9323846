import csv

import numpy as np
import pytest
import tifffile

CAMERA = ("--gain", "0.5", "--offset", "100", "--read-noise", "1")


@pytest.fixture
def cells(tmp_path, rng):
    truth = np.repeat([5.0, 60.0], 40) * np.ones((50, 1))
    tifffile.imwrite(tmp_path / "cells.tif", (rng.poisson(truth) / 0.5 + 100).astype(np.uint16))
    tifffile.imwrite(tmp_path / "flat.tif", np.full((20, 20), 120, np.uint16))
    tifffile.imwrite(tmp_path / "tiny.tif", np.uint16([[110, 300], [500, 700]]))
    return tmp_path


def test_labels_table_and_plot(cells, photon_denoise):
    done = photon_denoise(
        "cluster", "cells.tif", *CAMERA, "--clusters", "2", "-o", "labels.ome.tif",
        "--csv", "figures.csv", "--plot", "sweep.png", "--sweep", "2", "3", cwd=cells,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Davies-Bouldin" in done.stdout
    labels = tifffile.imread(cells / "labels.ome.tif")
    assert labels.dtype == np.int32
    assert (labels[:, :35] == 1).all()
    assert (labels[:, 45:] == 2).all()
    with (cells / "figures.csv").open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert [row["clusters"] for row in table] == ["2", "2", "3"]
    assert float(table[0]["silhouette"]) > 0.9
    assert (cells / "sweep.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("flat.tif",), "no noise"),
        (("flat.tif", *CAMERA), "equally bright"),
        (("tiny.tif", *CAMERA, "--clusters", "5"), "choose 4 clusters or fewer"),
        (("cells.tif", "--clusters", "21"), "at most 20"),
        (("cells.tif", "--clusters", "0"), "at least 1"),
        (("cells.tif", "--algorithm", "spectral"), "must be 'k-means', 'dbscan' or 'hdbscan'"),
        (("cells.tif", "--sweep", "0"), "1 to 20 clusters"),
        (("cells.tif", *CAMERA, "-o", "cells.tif"), "the input itself"),
        (("cells.tif", *CAMERA, "-o", "labels.png"), "OME-TIFF"),
        (("cells.tif", *CAMERA, "--plot", "sweep.gif"), ".png"),
        (("missing.tif", *CAMERA), "missing.tif"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(cells, photon_denoise, arguments, sentence):
    before = sorted(cells.iterdir())
    done = photon_denoise("cluster", *arguments, cwd=cells)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(cells.iterdir()) == before


def test_nothing_is_left_of_labels_that_failed(cells, photon_denoise):
    done = photon_denoise("cluster", "flat.tif", *CAMERA, "-o", "labels.ome.tif", cwd=cells)
    assert done.returncode == 2
    assert not (cells / "labels.ome.tif").exists()
