"""The page, section by section."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.study import tables, words
from benchmarks.study.definitions import FORMS, RATIOS, definitions
from benchmarks.study.methods import NLM, SHIPPED
from benchmarks.study.nets import NETS
from benchmarks.study.sampling import DEPTH, OPTICS
from benchmarks.study.summary import by_exposure, ceiling
from benchmarks.study.tables import Facts, Rows

HEAD = """# The RESUNET study, repeated

Xypakis et al. 2023 (Opt. Express 31(26):43838, doi:10.1364/OE.504606) denoise photons with a
U-Net of residual blocks, trained on a symmetric Kullback-Leibler divergence, and compare it with
NLM, RCAN, a U-Net and an autoencoder. This page repeats the comparison with this package, on
images whose truth is known or measured. It is written by `python -m benchmarks.study`:

```
python -m benchmarks.study train -o FOLDER                          trains the networks in turn
python -m benchmarks.study run docs/study.md -o FOLDER --data DATA  measures, and writes this page
```

Both go on where they were stopped. `DATA` holds real repeats (see the section on them); without it
the virtual camera serves alone. What is measured, and how it is drawn, is the package's own study
(`npd.study`): in `FOLDER` lie its page and its table of each series, with the slopes over exposure
and over Ω and the robustness to noise of every method, and its pages of single images.
"""


@dataclass(frozen=True)
class Found:
    """All that the page is written from.

    Parameters
    ----------
    facts : dict
        Of each trained network, as its file says.
    series : dict
        Rows by series.
    figures : dict
        What each figure shows, by its name.
    """

    facts: Facts
    series: dict[str, Rows]
    figures: dict[str, str]

    def named(self) -> dict[str, Rows]:
        """Return the series of single planes that have results, by their titles."""
        titles = {"virtual": "virtual camera", "confocal": "confocal nuclei", "eb3": "microtubules"}
        return {title: self.series[name] for name, title in titles.items() if name in self.series}


def page(found: Found) -> str:
    """Return the whole page, Markdown."""
    measured = (_trained, _virtual, _real, _forms, _classes, _omega, _deep, _discussion)
    parts = [HEAD, _state(found), _said(found), definitions(), *(one(found) for one in measured)]
    return "\n".join(part for part in parts if part)


def _figures(found: Found, *names: str) -> str:
    there = [f"study-{name}" for name in names if f"study-{name}" in found.figures]
    return "\n".join(f"![{found.figures[name]}](images/{name}.svg)\n" for name in there)


def _state(found: Found) -> str:
    left = "; ".join(title for title in NETS if title not in found.facts)
    return left and f"**Not finished:** not trained yet: {left}. Their rows are missing.\n"


def _said(found: Found) -> str:
    named = found.named()
    if not named:
        return ""
    return f"""## The paper's numbers and ours

Improvement of MSE / SSIM / cumulative probability (here: KS distance); the methods of the paper
first, then the published form and loss, RCAN in the published form, and the shipped network.

{tables.published(named)}

Order of the three methods, best first:

{words.orders(named)}

The paper trained for its own microscope and camera. Our networks of this study were trained for a
short time on drawn scenes; the shipped network longer, and on real images as well.
"""


def _trained(found: Found) -> str:
    if not found.facts:
        return ""
    settings = next(iter(found.facts.values()))["study"]
    noise = next(iter(found.facts.values()))["noise"]
    return f"""## What was trained, and how

All networks saw the same batches: {settings["steps"]} steps of {settings["batch"]} patches of
{settings["patch"]} × {settings["patch"]} px, cut from {settings["scenes"] - settings["held_out"]}
drawn scenes of 256 × 256 px ({settings["held_out"]} more were held out), at
{noise["photons"][0]:g} to {noise["photons"][1]:g} photons a pixel, with read noise of none to
{noise["read_noise"][1]:g} e-, white. One optimiser (Muon and AdamW) at one learning rate
({settings["rate"]:g}, warmed up, falling to zero over the second half), averaged weights, seed
{settings["seed"]}. No network's learning rate was tuned; another choice could move those that are
close. {settings["steps"]} steps are few: no network has converged, and those that learn fast are
favoured.

{FORMS}
{tables.networks(found.facts)}

Processor seconds are those of all threads, batch included, whatever else the computer does.
Held-out error is the squared error over the variance of the noise, in decibels: −10 dB is a tenth.
For networks of one class the held-out patches are of that class.

{_figures(found, "training")}"""


def _virtual(found: Found) -> str:
    rows = found.series.get("virtual")
    if not rows:
        return ""
    return f"""## Exposure series of the virtual camera

Filaments, nuclei and membranes, two scenes of each (256 × 256 px), photographed with a simulated
sCMOS camera (maps of gain, offset and read noise, known to all methods) at a mean of
{_levels(rows)} photons a pixel. The truth is exact.

{RATIOS}
{tables.improvements(rows)}

{tables.gains(by_exposure(rows), "MSE × at photons a pixel")}

Squared error of each method over that of the study's RESUNET, on the same images:

{tables.differences(rows, "RESUNET")}

{_figures(found, "exposure-virtual", "slope-virtual")}
One of the images, filaments at 2 photons a pixel:

{_singles(found, "virtual")}"""


def _singles(found: Found, name: str) -> str:
    return _figures(found, f"pictures-{name}", f"profile-{name}", f"histograms-{name}")


def _levels(rows: Rows) -> str:
    return ", ".join(by_exposure(rows))


def _real(found: Found) -> str:
    parts = []
    if rows := found.series.get("confocal"):
        parts.append(f"""## Real repeats: confocal nuclei

Six fields of nuclei (FMD, Zhang et al. 2019, doi:10.1109/CVPR.2019.01198), 8-bit. Sums of
1, 2 and 4 frames; the truth is the mean of all others of 50, shifted and scaled onto them. It is
noisy itself: its variance is subtracted from squared errors, not from the other figures, and
with it even a perfect result would reach a slope of {ceiling(rows)} only.

{_measured(found, "confocal", rows)}""")
    if rows := found.series.get("eb3"):
        parts.append(f"""## Real repeats: microtubules on an sCMOS camera

Nineteen frames of a film (NCS, GPL-3; gain 2.16 ADU/e-, offset 100 ADU, read noise taken as
1.5 e- everywhere, although the camera has hot pixels). Sums of 1, 2 and 4 consecutive frames; the
truth is the mean of all other frames. A perfect result would reach a slope of
{ceiling(rows)}. One field, so the scenes of the paired table are places in time: they tell
noise from difference, not one specimen from another. What moved during the film counts as an
error of every method.

{_measured(found, "eb3", rows)}""")
    return "\n".join(parts)


def _measured(found: Found, name: str, rows: Rows) -> str:
    return f"""{tables.improvements(rows)}

{tables.gains(by_exposure(rows), "MSE × at frames added")}

{tables.differences(rows, "RESUNET")}

{_figures(found, f"slope-{name}")}
A single frame:

{_singles(found, name)}"""


def _forms(found: Found) -> str:
    named = found.named()
    if not named:
        return ""
    pairs = (("U-Net", "RESUNET"), ("Autoencoder", "U-Net"), ("RESUNET, plain", "RESUNET"))
    pairs += (("U-Net, plain", "RESUNET, plain"), ("Autoencoder, plain", "U-Net, plain"))
    pairs += (("RESUNET, J loss", "RESUNET"), ("RESUNET, plain, J loss", "RESUNET, plain"))
    return f"""## Shortcuts, skips and form

MSE × of the bodies in both forms, trained alike:

{tables.ablation(named)}

Pairs, over the same scenes:

{words.comparisons(named, pairs)}
"""


def _classes(found: Found) -> str:
    rows = found.series.get("classes")
    if not rows:
        return ""
    return f"""## Trained on one structure, tried on another

Networks that learnt from one structure alone, drawn through random microscopes, on held-out scenes
of each structure at {_levels(rows)} photons a pixel. The paper reports a slope of 54.2 on its own
data set and 4.4 across data sets.

{tables.class_gains(rows)}

Signal improvement s on the own class and on the two others:

{tables.class_slopes(rows)}
"""


def _omega(found: Found) -> str:
    pixel, area = found.series.get("pixel"), found.series.get("area")
    if not pixel or not area:
        return ""
    return f"""## Ω: how finely the image is sampled

The same two scenes through the same microscope (NA {OPTICS.na:g} in silicone oil,
n = {OPTICS.refractive_index:g}, {1000 * OPTICS.wavelength_um:g} nm), binned to different pixels.
Ω is the volume of one voxel, {DEPTH:g} µm deep, over that of the point-spread function. With the
same photons a pixel a finer image holds more light; with the same photons a µm² the light is one
and the same, and only its division differs.

Same photons a pixel:

{tables.over_omega(pixel)}

Same photons a µm²:

{tables.over_omega(area)}

{_figures(found, "omega-pixel", "omega-area")}
The smaller Ω is, the more pixels share one point's light, and the more any method can average.
The field is the middle 256 px of each image at most, so fine images show less of the scene.
"""


def _deep(found: Found) -> str:
    rows = found.series.get("deep")
    if not rows:
        return ""
    return f"""## Stacks and films

A stack of filaments and vesicles and a film of moving vesicles, 12 × 128 × 128 px, at
{_levels(rows)} photons a pixel. Methods for single planes see each plane by itself.

{tables.improvements(rows)}
"""


def _discussion(found: Found) -> str:
    named = found.named()
    if not named:
        return ""
    pairs = (("RCAN", "RESUNET"), (NLM, "RESUNET"), ("DnCNN", "RESUNET"))
    pairs += (("RCAN, plain", "RESUNET, plain"), (SHIPPED, "RESUNET"))
    return f"""## What follows, and what does not

The paper's claim is that RESUNET improves photon images more than NLM and RCAN do. With the same
training, and pairwise on the same images, we find:

{words.comparisons(named, pairs)}

- One number for "the improvement" hides the light. The squared error improves, at the darkest and
  the brightest exposure, by: {words.by_light(next(iter(named.values())))}. Any mean over them is
  a mean over the chosen ones.
- The raw image's J is about 1 at every exposure, because J counts in units of the shot noise: the
  points of the slope lie on a level line, and the slope is mostly one over the J of the worst
  results. One image that fails decides it.
- The improvement in SSIM is small wherever the raw image is already similar, and large where it
  is dark; it tells more of the images than of the method.
- The histogram's distance rewards a right distribution in wrong places. Over an even background
  the truth's histogram is a step, and a hundredth of a photon off is a large distance; a truth
  that is noisy itself has a broad histogram, and a result with some noise left fits it better
  than a clean one.
- A step costs, in units of RESUNET's: {words.costs(found.facts)}. At equal time instead of equal
  steps the cheaper ones would have trained longer.
- All drawn scenes, trainings and seeds are ours: one seed a network. A difference whose interval
  holds 1 is not decided here, and one that is decided is decided for these scenes.
- We did not have the paper's images, weights or code, so this page neither confirms nor refutes
  its numbers. It says which of its statements hold for the methods as this package has them.
"""
