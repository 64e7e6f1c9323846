import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.cli import main
from napari_photon_denoise.io import write_image

CAMERA = npd.Calibration(gain=0.5, offset=100, read_noise=1)


@pytest.fixture
def counts(rng):
    truth = np.repeat([5.0, 60.0, 400.0], 20) * np.ones((40, 1))
    return (rng.poisson(truth) / 0.5 + 100).astype(np.uint16)


def test_labels_and_figures(counts, tmp_path):
    before = counts.copy()
    report = npd.cluster(counts, CAMERA, sweep=range(2, 5))
    assert report.labels.shape == counts.shape
    assert report.labels.dtype == np.int32
    assert [report.labels[20, x] for x in (5, 30, 55)] == [1, 2, 3]
    found, *tried = report.as_rows()
    assert [row["clusters"] for row in tried] == [2, 3, 4]
    assert found["silhouette"] == tried[1]["silhouette"] > 0.8
    assert report.save_csv(tmp_path / "it.csv").exists()
    assert report.save_plot(tmp_path / "it.svg").exists()
    np.testing.assert_array_equal(counts, before)


def test_without_a_camera_the_noise_is_estimated(rng):
    truth = np.repeat([20.0, 200.0], 64) * np.ones((128, 1))
    counts = (rng.poisson(truth) / 0.5 + 100).astype(np.uint16)
    with pytest.warns(npd.PhotonDenoiseWarning, match="No camera was given"):
        report = npd.cluster(counts, settings=npd.ClusterSettings(clusters=2))
    assert (report.labels[:, :60] == 1).all()


def test_a_denoised_file_is_photons_already(counts, tmp_path):
    raw, clean = tmp_path / "raw.ome.tif", tmp_path / "clean.ome.tif"
    write_image(raw, counts, "YX")
    words = [
        "denoise",
        raw,
        "-o",
        clean,
        "--method",
        "gaussian",
        "--gain",
        "0.5",
        "--offset",
        "100",
    ]
    assert main([str(word) for word in words]) == 0
    report = npd.cluster(clean)
    assert [report.labels[20, x] for x in (5, 30, 55)] == [1, 2, 3]
