from dataclasses import replace
from html import escape

import numpy as np
import pytest

from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError
from napari_photon_denoise.reports.camera import files, write_facts, write_report
from napari_photon_denoise.reports.camera.maps import _strongest, block, draw_maps
from napari_photon_denoise.reports.camera.page import report_page
from pages import check_page


@pytest.fixture(scope="session")
def page(report):
    return report_page(report)


@pytest.fixture(scope="session")
def poor_page(poor_report):
    return report_page(poor_report)


@pytest.mark.parametrize("name", ["page", "poor_page"])
def test_page_is_whole_and_needs_no_network(name, request):
    text = request.getfixturevalue(name)
    check_page(text)


def test_page_names_every_verdict(page, poor_page, report, poor_report):
    for text, found in ((page, report), (poor_page, poor_report)):
        for verdict in found.verdicts:
            assert f">{verdict.key.replace('-', ' ')}</td>" in text
            assert escape(verdict.advice) in text
        assert text.count('class="mark') == len(found.verdicts)


def test_page_shows_figures_with_units_and_escapes_names(page, report):
    assert f"{report.gain:.3f}" in page
    for words in ("e-/ADU", "Virtual &lt;camera&gt;", "serial 42", "frames for 2 %", "EMVA 1288"):
        assert words in page
    assert "<camera>" not in page
    assert page.count("<svg") == 5


def test_page_says_what_a_poor_calibration_lacks(poor_page):
    assert "Only one level was usable" in poor_page
    assert "excess noise F² = " in poor_page
    assert "The frames came from memory" in poor_page


def test_large_maps_are_reduced_without_losing_a_defect(report):
    mask = np.zeros((1100, 900), np.uint8)
    mask[777, 333] = 4
    calibration = replace(
        report.calibration, offset=np.ones(mask.shape), read_noise=np.ones(mask.shape)
    )
    large = replace(report, calibration=calibration, mask=mask, response=None)
    assert block(mask.shape) == 3
    assert _strongest(mask.astype(np.float32), 3).sum() == 4
    text = report_page(large)
    assert "Each point is the mean of 3 × 3 pixels" in text
    assert len(text) < 2_000_000


def test_odd_shapes_are_drawn(report):
    for shape in ((4, 300), (300, 4), (1, 64)):
        ones = np.ones(shape)
        calibration = replace(report.calibration, offset=ones, read_noise=ones)
        mask = np.zeros(shape, np.uint8)
        assert "<svg" in draw_maps(
            replace(report, calibration=calibration, mask=mask, response=None)
        )


def test_files_are_written_whole_and_never_by_mistake(tmp_path, report, page, monkeypatch):
    monkeypatch.setattr(files, "report_page", lambda report: page)  # drawn above, for seconds
    path = write_report(report, tmp_path / "camera.html")
    assert path.read_text(encoding="utf-8") == page
    write_facts(report, tmp_path / "camera.json")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["camera.html", "camera.json"]
    before = path.read_bytes()
    with pytest.raises(OutputExists, match="exists already"):
        write_report(report, path)
    assert path.read_bytes() == before
    write_report(report, path, overwrite=True)
    with pytest.raises(PhotonDenoiseError, match=r"name it camera\.html"):
        write_report(report, tmp_path / "camera.pdf")
    with pytest.raises(PhotonDenoiseError, match="There is no folder"):
        write_report(report, tmp_path / "nowhere" / "camera.html")
