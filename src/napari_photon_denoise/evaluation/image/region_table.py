"""Region by region, as plain values: its residual, its photons and its flags."""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_photon_denoise.evaluation.evidence import Evidence
from napari_photon_denoise.evaluation.figure import finite
from napari_photon_denoise.metrics.conservation import PhotonBalance
from napari_photon_denoise.metrics.flags import INVENTED, OVER_SMOOTHED
from napari_photon_denoise.metrics.regions import RegionConsistency, tile_place


def regions_as_dicts(found: Evidence) -> list[dict[str, Any]]:
    """Return a line a tile of 64 px, ready for JSON: what is not finite is None.

    Parameters
    ----------
    found : Evidence

    Returns
    -------
    list of dict
        Place (plane along the leading axes, rows and columns from and to, px), residual in units
        of its noise with its errors, photons before and after (e-), and flagged pixels.
    """
    inconsistent, unbalanced = set(found.inconsistent), set(found.unbalanced)
    lines = []
    for region, balance in zip(found.regions, found.balances, strict=True):
        place = tile_place(region.label, found.flags.kind.shape)
        kind = found.flags.kind[place]
        line = {
            "label": region.label,
            "plane": [part.start for part in place[:-2]],
            "y": [place[-2].start, place[-2].stop],
            "x": [place[-1].start, place[-1].stop],
            "pixels": region.pixels,
            **_residual(region),
            **_photons(balance),
            "over_smoothed_pixels": int(np.count_nonzero(kind == OVER_SMOOTHED)),
            "invented_pixels": int(np.count_nonzero(kind == INVENTED)),
            "inconsistent": region.label in inconsistent,
            "unbalanced": region.label in unbalanced,
        }
        lines.append({key: finite(x) if isinstance(x, float) else x for key, x in line.items()})
    return lines


def _residual(region: RegionConsistency) -> dict[str, float]:
    z = region.found
    return {
        "residual_mean": z.mean,
        "residual_mean_error": z.mean_error,
        "residual_variance": z.variance,
        "residual_variance_error": z.variance_error,
        "correlation_y": z.autocorrelation[-2],
        "correlation_y_error": z.autocorrelation_error[-2],
        "correlation_x": z.autocorrelation[-1],
        "correlation_x_error": z.autocorrelation_error[-1],
    }


def _photons(balance: PhotonBalance) -> dict[str, float]:
    return {
        "photons_raw": balance.noisy,
        "photons_denoised": balance.denoised,
        "photons_gained": balance.gained,
        "photons_error": balance.error,
    }
