"""All figures of one denoised image as a table, and what they say in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from napari_photon_denoise.evaluation.evidence import Evidence
from napari_photon_denoise.evaluation.figure import Reading
from napari_photon_denoise.evaluation.image.region_table import regions_as_dicts
from napari_photon_denoise.evaluation.plane import Plane
from napari_photon_denoise.evaluation.ranking import Comparison
from napari_photon_denoise.evaluation.resolution import ResolutionPair
from napari_photon_denoise.io.text import as_csv
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.words import counted

LIVELY, QUIET = 1.05, 0.5  # variance of a residual that holds structure, that left noise in
ERRORS = 4  # standard errors, of a figure that the verdict names
ALIKE = 0.05  # relative; errors that differ less are called alike


@dataclass(frozen=True, eq=False)
class Measured:
    """What is known of one denoised image.

    Parameters
    ----------
    figures : tuple of Reading
        The table, those with truth first.
    evidence : Evidence or NotApplicable
        From the finished image: residual, regions, flags.
    held_out : Comparison or NotApplicable
        Of the method and the raw image, by photons held back.
    resolution : ResolutionPair or NotApplicable
    camera : str
        Its numbers, in a line.
    method : str
        Its key, or empty where it is not known.
    notes : tuple of str
        What the user should know, a sentence each.
    plane : Plane or None
        That a report shows; None without photons.
    image : str
        Where the denoised image lies, or its name; empty for an array.
    recipe : dict
        How it was made, ready for JSON; empty where that is not known.
    """

    figures: tuple[Reading, ...]
    evidence: Evidence | NotApplicable
    held_out: Comparison | NotApplicable
    resolution: ResolutionPair | NotApplicable
    camera: str
    method: str
    notes: tuple[str, ...] = ()
    plane: Plane | None = None
    image: str = ""
    recipe: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Reading:
        """Return the figure of a key, such as "psnr".

        Raises
        ------
        KeyError
            If it is not in the table.
        """
        for figure in self.figures:
            if figure.key == key:
                return figure
        raise KeyError(key)

    def __contains__(self, key: str) -> bool:
        """Tell whether the table has a line of this key."""
        return any(figure.key == key for figure in self.figures)

    @property
    def verdict(self) -> str:
        """What the figures say, in a few sentences."""
        return " ".join([*self._trust(), *self._gain()])

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "verdict": self.verdict,
            "image": self.image,
            "notes": list(self.notes),
            "camera": self.camera,
            "method": self.method or None,
            "figures": [figure.as_dict() for figure in self.figures],
            "regions": self.regions(),
            "recipe": dict(self.recipe) or None,
        }

    def regions(self) -> list[dict[str, Any]]:
        """Residual, photons and flags of tiles of 64 px, a line each; none without photons."""
        found = self.evidence
        return [] if isinstance(found, NotApplicable) else regions_as_dicts(found)

    def missing(self) -> dict[str, list[str]]:
        """Names of the figures that are not given, below the reason."""
        found: dict[str, list[str]] = {}
        for figure in self.figures:
            names = found.setdefault(figure.reason, [])
            if figure.name not in names:
                names.append(figure.name)
        return {reason: names for reason, names in found.items() if reason}

    def as_csv(self) -> str:
        """Return the table as comma-separated text, a line a figure."""
        lines = [figure.as_dict() for figure in self.figures]
        return as_csv(lines[0], [line.values() for line in lines])

    def _trust(self) -> list[str]:
        """Say whether the image may be believed."""
        found = self.evidence
        if isinstance(found, NotApplicable):
            return [f"Without a truth nothing can be said. {found.reason}"]
        z = found.consistency
        sentences = []
        if found.flags.flagged.any():
            sentences.append(found.flags.verdict)
        if z.variance > LIVELY + ERRORS * z.variance_error:
            sentences.append(
                f"The residual has {z.variance:.2f} times the variance of noise: structure was "
                "removed with it, or the camera's numbers do not fit."
            )
        elif z.variance < QUIET:
            sentences.append(
                f"The residual has {z.variance:.2f} times the variance of noise: much of the noise "
                "is still in the image."
            )
        number = len(found.inconsistent)
        if number:
            all_of_them = counted(len(found.regions), "regions")
            sentences.append(f"In {number} of {all_of_them} what was removed is more than noise.")
        if not sentences:
            return [
                "What was removed is noise, and nothing in the image contradicts its photons; "
                "structure fainter than the noise can't be judged."
            ]
        return sentences

    def _gain(self) -> list[str]:
        """Say by how much the image is better."""
        sentences = []
        if "psnr" in self and (gain := self["psnr"].improvement) is not None:
            moved = "rose" if gain >= 0 else "fell"
            sentences.append(f"Against the truth, the PSNR {moved} by {abs(gain):.1f} dB.")
        if isinstance(self.held_out, Comparison) and self.held_out.doubt:
            sentences.append(self.held_out.doubt)
        elif "held-out-mse" in self:
            factor = self["held-out-mse"].improvement
            if factor is not None:
                size = f"{factor:.3g} times smaller than"
                if factor < 1:
                    size = f"{1 / factor:.3g} times larger than"
                if abs(factor - 1) < ALIKE:
                    size = "about"
                sentences.append(
                    f"By photons held back, the method's error is {size} the raw image's."
                )
        return sentences
