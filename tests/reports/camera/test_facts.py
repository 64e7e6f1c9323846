import json
from dataclasses import fields

import pytest

from napari_photon_denoise.camera.transfer import CameraReport
from napari_photon_denoise.reports.camera import conclusion, headline, write_facts
from napari_photon_denoise.reports.camera.facts import report_facts
from napari_photon_denoise.reports.camera.words import short, value_and_sd, with_sd


def test_json_is_valid_and_complete(tmp_path, report, poor_report):
    for number, found in enumerate((report, poor_report)):
        path = write_facts(found, tmp_path / f"{number}.json")
        # JSON knows neither NaN nor infinity.
        facts = json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)
        drawn = report_facts(found)
        assert facts | {"written": ""} == drawn | {"written": ""}
        # Everything a report holds is there, by its name or in parts.
        parted = {"mask": "defects", "dark_variance": "dark"}
        for entry in fields(CameraReport):
            assert parted.get(entry.name, entry.name) in facts
        assert [v["key"] for v in facts["verdicts"]].sort() == [
            v.key for v in found.verdicts
        ].sort()
        assert facts["gain"] == pytest.approx(found.gain)
        assert facts["status"] == found.status
        assert path.stat().st_size < 60_000


def test_arrays_are_summarised_with_their_units(report):
    facts = report_facts(report)
    offset = facts["calibration"]["offset"]
    assert offset["shape"] == [64, 80]
    assert offset["lowest"] <= offset["percentile_1"] <= offset["median"] <= offset["highest"]
    assert facts["units"]["gain"] == "e-/ADU"
    assert facts["levels"][0]["frames"] == 19
    assert len(facts["points"]["signal"]) == len(report.points)
    assert [need["precision"] for need in facts["frames_needed"]] == [0.05, 0.02, 0.01]


def test_words_say_the_worst_first(report, poor_report):
    assert headline(report).startswith("gain 0.4")
    assert "± " in headline(report)
    failed = [v for v in poor_report.verdicts if v.status == "FAIL"]
    word = "Do not measure" if failed else "Usable, with care"
    assert conclusion(poor_report).startswith(word)


def test_numbers_keep_the_digits_that_their_error_leaves():
    assert with_sd(0.460072, 0.000286) == "0.46007 ± 0.00029"
    assert with_sd(1234.6, 25.0) == "1235 ± 25"
    assert value_and_sd(3.14159, None) == ("3.142",)
    assert with_sd(3.14159, float("nan")) == "3.142"
    assert short(13907.3) == "13910"
    assert short(2.29e9, 3) == "2.29e+09"
