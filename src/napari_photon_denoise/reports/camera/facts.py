"""A calibration's report as plain values, ready for JSON: arrays are summarised, not dumped."""

from __future__ import annotations

import platform
from dataclasses import fields, is_dataclass
from datetime import datetime
from importlib.metadata import version
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.transfer import CameraReport, Defect, LevelReport, Points
from napari_photon_denoise.camera.transfer.codes import code_step, missing_codes
from napari_photon_denoise.camera.transfer.traces import Trace
from napari_photon_denoise.parameters import Declared
from napari_photon_denoise.reports.camera.words import (
    conclusion,
    frames_for,
    headline,
    offset_median,
    sorted_verdicts,
)

FORMAT = "napari-photon-denoise camera report"
FORMAT_VERSION = 1
UNITS = {
    "gain": "e-/ADU",
    "slope": "ADU/e- (the inverse gain)",
    "system_gain": "ADU/e- (K of EMVA 1288)",
    "offset": "ADU",
    "read_noise": "e- rms",
    "signal": "ADU above the dark",
    "photons": "e-",
    "variance": "ADU²",
    "intercept": "ADU²",
    "spread, precision, prnu, flicker, at_zero, at_ceiling": "shares; 0.01 is 1 %",
    "dark_noise, dsnu, saturation (emva)": "e-",
}


def report_facts(report: CameraReport) -> dict[str, Any]:
    """Everything that the page shows, as plain values.

    Parameters
    ----------
    report : CameraReport

    Returns
    -------
    dict
        Of str, int, float, bool, None, lists and dicts; what is not finite is None.
    """
    parts = ("transfer", "raw_line", "saturation", "emva", "em", "legs", "points", "level_points")
    facts: dict[str, Any] = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "written": datetime.now().astimezone().isoformat(timespec="seconds"),
        "versions": versions(),
        "units": UNITS,
        "status": report.status,
        "headline": headline(report),
        "conclusion": conclusion(report),
        "verdicts": [plain(verdict) for verdict in sorted_verdicts(report)],
        "gain": report.gain,
        "gain_sd": report.gain * report.gain_precision,
        "offset_median": offset_median(report),
        "read_noise_median": report.read_noise_median,
        "read_noise_rms": report.read_noise_rms,
        "one_level": report.one_level,
        "frames_needed": [
            {"precision": precision, "one_gain": pooled, "gain_of_each_pixel": single}
            for precision, pooled, single in frames_for(report)
        ],
        "calibration": _calibration(report.calibration),
        "dark": plain(report.dark),
        "levels": [plain(level) for level in report.levels],
        "pixels": plain(report.pixels) | {"offered": report.pixels.offered},
        "response": plain(report.response),
        "defects": {str(bit.name).lower(): int(((report.mask & bit) > 0).sum()) for bit in Defect},
        "settings": plain(report.settings),
        "files": dict(report.files),
        "missing_files": list(report.missing_files),
    }
    return facts | {name: plain(getattr(report, name)) for name in parts}


def versions() -> dict[str, str]:
    """Return the versions of what computed."""
    names = ("napari-photon-denoise", "numpy", "scipy")
    return {name: version(name) for name in names} | {"python": platform.python_version()}


def plain(value: Any) -> Any:
    """Turn a value of the report into what JSON holds."""
    if isinstance(value, Trace):
        return _trace(value)
    if isinstance(value, Points):
        return {entry.name: plain(getattr(value, entry.name).tolist()) for entry in fields(value)}
    if is_dataclass(value) and not isinstance(value, type):
        facts = {entry.name: plain(getattr(value, entry.name)) for entry in fields(value)}
        if isinstance(value, LevelReport):
            facts |= facts.pop("trace")
        return facts
    if isinstance(value, Declared):
        return plain_dict(dict(value))
    if isinstance(value, np.ndarray):
        return _summary(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if isfinite(value) else None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    return int(value) if isinstance(value, np.integer) else value


def _calibration(calibration: Calibration) -> dict[str, Any]:
    maps = {name: getattr(calibration, name) for name in ("gain", "offset", "read_noise")}
    return plain_dict(calibration.facts()) | {
        "sha256": calibration.digest,
        **{name: plain(value) for name, value in maps.items()},
    }


def plain_dict(facts: dict[str, Any]) -> dict[str, Any]:
    """Turn the values of a dict into what JSON holds."""
    return {name: plain(value) for name, value in facts.items()}


def _trace(trace: Trace) -> dict[str, Any]:
    codes = np.flatnonzero(trace.codes)
    facts = {
        entry.name: plain(getattr(trace, entry.name))
        for entry in fields(trace)
        if entry.name != "codes"
    }
    return facts | {
        "frames": trace.frames,
        "codes": {
            "lowest": int(codes[0]),
            "highest": int(codes[-1]),
            "used": len(codes),
            "missing_share": missing_codes(trace.codes, code_step(trace.codes)),
        },
    }


def _summary(values: NDArray[Any]) -> dict[str, Any]:
    """Shape and distribution of an array."""
    inside = values[np.isfinite(values)]
    facts: dict[str, Any] = {"shape": list(values.shape), "unknown": values.size - inside.size}
    if inside.size:
        low, one, median, most, high = np.percentile(inside, (0, 1, 50, 99, 100)).tolist()
        facts |= {
            "mean": float(inside.mean(dtype=np.float64)),
            "sd": float(inside.std(dtype=np.float64)),
            "lowest": low,
            "percentile_1": one,
            "median": median,
            "percentile_99": most,
            "highest": high,
        }
    return facts
