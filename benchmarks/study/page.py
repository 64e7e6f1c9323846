"""Write the page and its figures from what the study has remembered."""

from __future__ import annotations

from pathlib import Path

from benchmarks.study import plots, plots_image, style
from benchmarks.study.methods import BY_SERIES
from benchmarks.study.nets import ALL_ROUND, NETS
from benchmarks.study.runs import results
from benchmarks.study.sections import Found, page
from benchmarks.study.summary import Row, present
from benchmarks.study.training import model_path

from napari_photon_denoise.io.whole import whole_file
from napari_photon_denoise.models import describe

DRAWN = (
    "gaussian",
    "nlm",
    "resunet-2d",
    "resunet",
    "resunet-plain-kl",
    "u-net",
    "autoencoder",
    "rcan",
    "dncnn",
)


def write_page(path: Path, folder: Path) -> None:
    """Write Markdown, and PNG files to `images` beside it.

    Parameters
    ----------
    path : Path
        Of the page.
    folder : Path
        Of the study.
    """
    store = results(folder)
    facts = {
        name: describe(model_path(folder, name))["facts"]
        for name in NETS
        if model_path(folder, name).exists()
    }
    series = {name: list(store.of(name)) for name in BY_SERIES}
    images = path.parent / "images"
    drawn = _draw(facts, series, folder, images)
    text = page(Found(facts, series, drawn))
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")
    print(f"{path}: {len(drawn)} figures in {images}")


def _draw(
    facts: dict[str, dict[str, object]], series: dict[str, list[Row]], folder: Path, images: Path
) -> set[str]:
    """Draw what there are results for; return the figures' names."""
    made = {}
    curves = {name: facts[name]["curve"] for name in ALL_ROUND if name in facts}
    if curves:
        made["training"] = plots.training(curves)  # type: ignore[arg-type]
    if rows := series["virtual"]:
        shown = [one for one in DRAWN if one in present(rows)]
        made["exposure-virtual"] = plots.over_exposure(rows, shown, "mean photons a pixel, e-")
    for name in ("virtual", "confocal", "eb3"):
        if rows := series[name]:
            made[f"slope-{name}"] = plots.slopes(rows, present(rows))
    if rows := series["sampling"]:
        made["omega"] = plots.over_omega(rows, present(rows))
    if rows := series["classes"]:
        made["classes"] = plots.matrices(rows)
    for row in (row for rows in series.values() for row in rows if "truth" in row):
        name = f"{row['series']} {row['scene']} {row['exposure']:g}"
        short = name.replace(" ", "-")
        if short in SINGLE:
            made[f"profiles-{SINGLE[short]}"] = plots_image.profiles(row)
            made[f"cumulative-{SINGLE[short]}"] = plots_image.histograms(row)
            made[f"pictures-{SINGLE[short]}"] = plots_image.pictures(row, folder, name)
    for name, figure in made.items():
        style.save(figure, images / f"study-{name}.png")
    return set(made)


# Images whose lines, histograms and pictures are shown, and what the files are called.
SINGLE = {
    "virtual-filaments-501-2": "filaments",
    "virtual-nuclei-501-2": "nuclei",
    "confocal-fov01-1": "confocal",
    "eb3-frame-5-on-1": "eb3",
}
