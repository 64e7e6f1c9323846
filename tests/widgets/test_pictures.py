"""The scripts that make the guide's pictures, which check what they see."""

import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
SCRIPTS = {
    "screenshots": {
        *(f"widget-{name}" for name in ("before", "preview", "after", "during", "error", "files")),
        "profile", "consistency", "histogram",
    },
    "screenshots_compare": {
        f"compare-{name}"
        for name in ("setup", "during", "grid", "swipe", "flicker", "use", "error")
    },
    "screenshots_learning": {
        f"learn-{name}"
        for name in ("setup", "during", "stopped", "done", "applied", "adapted", "error")
    },
    "screenshots_calibration": {
        f"calibrate-{name}"
        for name in ("start", "frames", "during", "curve", "verdicts", "maps", "use", "warnings",
                     "error", "estimate", "estimate-offset")
    },
    "walk_stranger": {
        f"{width}-{name}"
        for width in (1600, 1280)
        for name in ("1-opened", "1-clean", "2-result-chosen", "2-refused", "2-again", "3-no-line",
                     "3-line", "3-dragged", "4-compare", "4-grid", "4-swipe", "5-question",
                     "5-answered", "5-during", "5-clean", "6-channels", "6-clean", "7-empty",
                     "7-added", "7-during", "7-done", "7-opened")
    },
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(not DOCS.is_dir(), reason="needs the docs, which an sdist has not")
@pytest.mark.parametrize("script", SCRIPTS)
def test_what_is_on_the_screen(script, tmp_path):
    run = subprocess.run(
        [sys.executable, DOCS / f"{script}.py", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr
    assert {picture.stem for picture in tmp_path.glob("*.png")} == SCRIPTS[script]


def test_every_picture_of_the_guide_is_made_by_a_script():
    if not DOCS.is_dir():
        pytest.skip("needs the docs, which an sdist has not")
    text = (DOCS / "guide.md").read_text(encoding="utf-8")
    shown = {Path(part.split(")")[0]).stem for part in text.split("](images/")[1:]}
    assert shown <= set.union(*SCRIPTS.values(), {"report", "report-evidence"})
    assert all((DOCS / "images" / f"{name}.png").is_file() for name in shown)
