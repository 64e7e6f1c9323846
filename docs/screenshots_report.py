"""Make the pictures of a report for the guide: the page of "Save report…", in a browser.

Needs Chromium, Chrome or Edge; no display.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from screenshots_stage import IMAGES, check

import napari_photon_denoise as npd
from napari_photon_denoise.evaluation.methods import Candidate, compare_region_job, name_of
from napari_photon_denoise.job import run
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.reports.denoised.comparison import make_report
from napari_photon_denoise.virtual.samples import make_sample

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "chrome", "msedge"]
WIDTH, HEIGHT = 1100, 4000  # px; higher than what is shown
PARTS = {  # of the page, from a heading to another one; the rest is for a lab book
    "report": ("<h1>", "<h3>Further figures"),
    "report-evidence": ("<h2>Line profile", "<h2>Recipe"),
}
PLACE = slice(200, 400), slice(90, 350)  # nuclei that touch
METHODS = [npd.Resunet(), npd.Gaussian(), npd.NonlocalMeans()]


def main(folder: Path = IMAGES) -> None:
    """Compare on a sample, save the report, and take a picture of it."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit("The picture of the report needs a browser: install Chromium or Chrome.")
    folder.mkdir(parents=True, exist_ok=True)
    sample = make_sample("nuclei")
    photons = Photons(sample.counts, sample.calibration, sample.axes, sample.pixel_size)
    truth = sample.truth[PLACE]
    methods = {name_of(method): method for method in METHODS}
    candidates = [Candidate(name, method) for name, method in methods.items()]
    compared = run(compare_region_job(photons, PLACE, candidates, truth=truth))
    report = make_report(compared, photons, PLACE, methods, truth=truth, image="nuclei")
    check(report.rows[0].name == "RESUNET", report.verdict)
    with TemporaryDirectory() as home:
        page = report.save_report(Path(home) / "nuclei.html")
        text = page.read_text(encoding="utf-8")
        for words in (report.verdict, "Held-out MSE", "e-"):
            check(words in text, f"the page says '{words}'")
        for name, (start, end) in PARTS.items():
            page.write_text(part(text, start, end), encoding="utf-8")
            shoot(browser, page, folder / f"{name}.png", Path(home))
            trim(folder / f"{name}.png")


def part(text: str, start: str, end: str) -> str:
    """Return a page that shows only what lies between two headings."""
    head, begin, body = text.partition("<body>")
    check(start in body and end in body, f"'{start}' and '{end}' are on the page")
    return head + begin + body[body.index(start) : body.index(end)]


def shoot(browser: str, page: Path, picture: Path, home: Path) -> None:
    """Let a browser draw a page, with a profile of its own in a folder."""
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += [f"--user-data-dir={home}", f"--window-size={WIDTH},{HEIGHT}"]
    command += [f"--screenshot={picture}", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    check(picture.is_file(), f"{browser} draws the page: {done.stderr[-500:]}")


def trim(picture: Path) -> None:
    """Cut what is empty below the page."""
    with Image.open(picture) as image:
        image.load()
    rows = np.flatnonzero(np.ptp(np.asarray(image.convert("L")), axis=1))
    check(len(rows) > 0 and rows[-1] < HEIGHT - 1, "the whole page is on the picture")
    image.crop((0, 0, image.width, int(rows[-1]) + 24)).save(picture, optimize=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
