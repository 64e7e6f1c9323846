"""How well photon transfer measures a camera: simulated, real, and in time and memory.

python benchmarks/calibration.py                      simulated cameras
python benchmarks/calibration.py --maps FILE.npz      with real maps: gain in ADU/e- and
                                                      variance in ADU²
python benchmarks/calibration.py --emva FOLDER        an EMVA 1288 data set
python benchmarks/calibration.py --streaming 50 500   frames of 2048², made on the fly

Add --json F to write the figures too, --quick for fewer cameras.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.transfer import CalibrationSettings, CameraReport, calibrate_job
from napari_photon_denoise.camera.transfer.sums import StackSums
from napari_photon_denoise.job import run
from napari_photon_denoise.virtual.simulate import VirtualCamera, scmos

SHAPE = (128, 128)
LEVELS = (100, 300, 1000, 2000)  # e-
Figures = dict[str, float]


def calibrate(dark, flats, **options) -> CameraReport:
    """Run the job."""
    return run(calibrate_job(dark, flats, CalibrationSettings(**options)))


def true_gain(camera: VirtualCamera, report: CameraReport) -> float:
    """Return the inverse of the mean inverse gain of the pixels that were pooled."""
    return float(1 / np.mean(1 / camera.calibration.gain[report.mask == 0]))


def rms(values: np.ndarray) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


def real_camera(path: Path, seed: int) -> VirtualCamera:
    """Make a virtual camera with a part of real maps."""
    with np.load(path) as maps:
        named = {name.lower(): maps[name].astype(np.float64) for name in maps}
    inverse = next(values for name, values in named.items() if "gain" in name)
    variance = next(values for name, values in named.items() if "var" in name)
    rng = np.random.default_rng(seed)
    top, left = (int(rng.integers(0, size - 127)) for size in inverse.shape)
    part = (slice(top, top + 128), slice(left, left + 128))
    gain = 1 / inverse[part]
    offset = 100 + rng.standard_normal(SHAPE)
    return VirtualCamera(Calibration(gain, offset, np.sqrt(variance[part]) * gain))


def simulated(camera: VirtualCamera, seed: int) -> Figures:
    """Errors of one calibration: 100 frames, four levels."""
    rng = np.random.default_rng(seed)
    flats = [camera.flat(level, 100, SHAPE, rng) for level in LEVELS]
    report = calibrate(camera.dark(100, SHAPE, rng), flats)
    truth, good = camera.calibration, report.mask == 0
    line = report.transfer.line
    error = report.gain / true_gain(camera, report) - 1
    share = (truth.gain / report.pixels.raw)[good] - 1
    variance = (truth.read_noise / truth.gain) ** 2 + 1 / 12
    maps = {
        "raw": report.pixels.raw,
        "global": np.full(SHAPE, report.gain),
        "shrunk": report.pixels.shrunk,
    }
    errors = {name: rms((gain / truth.gain)[good] - 1) for name, gain in maps.items()}
    photons = truth.to_photons(camera.dark(50, SHAPE, rng))
    ours = report.calibration.to_photons(camera.dark(50, SHAPE, rng))
    return {
        "pooled gain, error %": 100 * abs(error),
        "pooled gain, z": error / (line.slope_sd / line.slope),
        "pixel gain, rms over formula": rms(share) / report.pixels.precision,
        "pixel gain, SD of z": float(np.std(share * report.gain / report.pixels.sd[good])),
        "offset, SD of z": float(
            np.std((report.calibration.offset - truth.offset) / report.offset_sd)
        ),
        "dark variance, SD of z": float(
            np.std((report.dark_variance / variance - 1) * np.sqrt((report.dark.frames - 1) / 2))
        ),
        "shrunk over better of raw and global": errors["shrunk"]
        / min(errors["raw"], errors["global"]),
        "photon bias at no light, e-": abs(float(ours.mean())),
        "the same with true maps, e-": abs(float(photons.mean())),
    }


def lamp(camera: VirtualCamera, seed: int, uneven: bool) -> float:
    """Relative error of the gain at 1000 e- with 1 % flicker."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]] / 127 - 0.5
    light = 1 + 0.7 * np.cos(2 * np.pi * x) * np.cos(2 * np.pi * y) if uneven else np.ones(SHAPE)
    fields = [1000 * (1 + 0.01 * rng.standard_normal()) * light for _ in range(100)]
    flat = np.stack([camera.expose(field.astype(np.float32), rng) for field in fields])
    report = calibrate(camera.dark(100, SHAPE, rng), [flat])
    return report.gain / true_gain(camera, report) - 1


def saturated(seed: int) -> float:
    """Relative error of the gain with one level full."""
    rng = np.random.default_rng(seed)
    camera = VirtualCamera(Calibration(0.5, 100, 2), bits=12)
    flats = [camera.flat(level, 100, SHAPE, rng) for level in (100, 300, 500, 2000)]
    return calibrate(camera.dark(100, SHAPE, rng), flats).gain / 0.5 - 1


def multiplied(seed: int) -> float:
    """Relative error of an EMCCD's gain after excess noise: every stage simulated."""
    rng, chance = np.random.default_rng(seed), 100 ** (1 / 536) - 1

    def expose(photons: float) -> np.ndarray:
        electrons = rng.poisson(photons, (60, 32, 32)).astype(np.int64)
        for _ in range(536):
            electrons += rng.binomial(electrons, chance)
        return np.rint(500 + electrons / 10 + 5 * rng.standard_normal(electrons.shape)).astype("u2")

    flats = [expose(level) for level in (10, 30, 100)]
    return calibrate(expose(0), flats, em_gain=100, em_stages=536).em.gain / 0.1 - 1


def simulations(maps: Path | None, cameras: int) -> Figures:
    """Errors over several cameras."""
    made = [real_camera(maps, seed) if maps else scmos(SHAPE, seed) for seed in range(cameras)]
    rows = [simulated(camera, seed) for seed, camera in enumerate(made)]
    figures = {f"{name} (worst)": max(abs(row[name]) for row in rows) for name in rows[0]}
    figures |= {f"{name} (mean)": float(np.mean([row[name] for row in rows])) for name in rows[0]}
    figures["pooled gain, SD of z"] = float(np.std([row["pooled gain, z"] for row in rows]))
    for name, uneven in (("1 % flicker", False), ("1 % flicker, light ±70 %", True)):
        errors = [100 * lamp(camera, seed, uneven) for seed, camera in enumerate(made)]
        figures[f"{name}: bias %"] = float(np.mean(errors))
        figures[f"{name}: SD %"] = float(np.std(errors))
    figures["saturated level: error %"] = 100 * max(abs(saturated(seed)) for seed in range(3))
    figures["EMCCD: error %"] = 100 * abs(multiplied(0))
    return figures


def emva(folder: Path) -> Figures:
    """Figures of a data set with pairs of flats and darks, and a stack of each."""
    flats, darks, exposures = read_emva(folder)
    pairs = [number for number, files in enumerate(flats) if len(files) == 2]
    stacks = [number for number, files in enumerate(flats) if len(files) > 2]
    started = time.perf_counter()
    series = calibrate(
        [darks[number] for number in pairs],
        [flats[number] for number in pairs],
        exposures=[exposures[number] for number in pairs],
    )
    seconds = time.perf_counter() - started
    print("\n".join(verdict.describe() for verdict in series.verdicts), file=sys.stderr)
    line, free = series.transfer.line, series.emva
    figures = {
        "series: K through zero, 0-70 %, ADU/e-": free.system_gain,
        "series: our K, 0-30 %, ADU/e-": line.slope,
        "series: its SD with scatter": line.total_sd,
        "series: chi2": line.chi2,
        "series: dark noise, e-": free.dark_noise,
        "series: linearity low, %": 100 * (free.linearity or (np.nan, np.nan))[0],
        "series: linearity high, %": 100 * (free.linearity or (np.nan, np.nan))[1],
        "series: saturation, e-": free.saturation or np.nan,
        "series: dynamic range": free.dynamic_range or np.nan,
        "series: time, s": seconds,
    }
    for number in stacks:
        started = time.perf_counter()
        # Spatial figures take every frame there is.
        stack = calibrate(darks[number], flats[number], drop_first=False)
        figures |= {
            "stack: K normalised, ADU/e-": stack.transfer.line.slope,
            "stack: K not normalised, ADU/e-": stack.raw_line.slope,
            "stack: PRNU, %": 100 * (stack.emva.prnu or np.nan),
            "stack: DSNU, ADU": stack.emva.dsnu_counts,
            "stack: DSNU, e- (K of the series)": stack.emva.dsnu_counts / free.system_gain,
            "stack: time, s": time.perf_counter() - started,
        }
    return figures


def read_emva(folder: Path) -> tuple[list[list[Path]], list[list[Path]], list[float]]:
    """Files of the flats and of the darks, and the photons of each flat."""
    flats: list[list[Path]] = []
    darks: list[list[Path]] = []
    photons, current = [], flats
    for text in (folder / "EMVA1288_Data.txt").read_text("latin1").splitlines():
        words = text.split()
        if not words or words[0] not in "bdi":
            continue
        if words[0] == "i":
            current[-1].append(folder / words[1].replace("\\", "/"))
            continue
        current = flats if words[0] == "b" else darks
        current.append([])
        if words[0] == "b":
            photons.append(float(words[2]))
    return flats, darks, photons


def large_frame(level: int, spread: float) -> np.ndarray:
    """Make one frame of 2048²."""
    noise = spread * np.random.default_rng(0).standard_normal((2048, 2048), np.float32)
    return np.rint(level + noise).astype(np.uint16)


def frames_of(frame: np.ndarray, count: int) -> Iterator[np.ndarray]:
    """Make new frames of one, at the price of a copy."""
    for number in range(count):
        yield np.roll(frame, (7 * number, 13 * number), (0, 1))


def streaming_here(count: int) -> Figures:
    """Peak growth of the process, and time a frame beside NumPy's."""
    import psutil

    warm = np.random.default_rng(0).poisson(500, (9, 64, 64)).astype(np.uint16)
    calibrate(warm // 5, [warm])
    dark, flat = large_frame(100, 3), large_frame(1500, 20)
    process, over = psutil.Process(), threading.Event()
    before, peak = process.memory_info().rss, 0

    def watch() -> None:
        nonlocal peak
        while not over.wait(0.01):
            peak = max(peak, process.memory_info().rss)

    thread = threading.Thread(target=watch)
    thread.start()
    started = time.perf_counter()
    calibrate(frames_of(dark, count), [frames_of(flat, count)])
    seconds = time.perf_counter() - started
    over.set()
    thread.join()
    return {
        f"{count} frames: memory grown, MB": (peak - before) / 1e6,
        f"{count} frames: whole job, ms a frame": 1000 * seconds / (2 * count),
        **passes(),
    }


def passes() -> Figures:
    """Time of one pass, ms a frame, in the same run; the best of three."""
    block = np.stack(list(frames_of(large_frame(1500, 20), 4)))
    ours, theirs = [], []
    for _ in range(3):
        sums = StackSums.empty((2048, 2048))
        sums.add(block)
        started = time.perf_counter()
        sums.add(block)
        ours.append(time.perf_counter() - started)
        total, square, step = (np.ones((2048, 2048), np.uint64) for _ in range(3))
        old = block[0].astype(np.int64)
        started = time.perf_counter()
        for frame in block:
            wide = frame.astype(np.uint64)
            total += wide
            square += wide * wide
        theirs.append(time.perf_counter() - started)
        for frame in block:
            change = frame.astype(np.int64) - old
            step += (change * change).astype(np.uint64)
        del total, square, step
    return {
        "one pass of ours (sums, squares, steps, extremes, codes), ms": 250 * min(ours),
        "one pass of NumPy (sums, squares), ms": 250 * min(theirs),
    }


def streaming(count: int) -> Figures:
    """Measure in a fresh process."""
    command = [sys.executable, __file__, "--streaming-here", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: Figures = json.loads(done.stdout)
    return figures


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--maps", type=Path)
    parser.add_argument("--emva", type=Path)
    parser.add_argument("--streaming", type=int, nargs="+", default=[])
    parser.add_argument("--streaming-here", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    if asked.streaming_here:
        print(json.dumps(streaming_here(asked.streaming_here)))
        return
    figures: Figures = {}
    if asked.emva:
        figures |= emva(asked.emva)
    for count in asked.streaming:
        figures |= streaming(count)
    if not figures:
        figures = simulations(asked.maps, 3 if asked.quick else 12)
    print("| figure | value |\n|---|---|")
    for name, value in figures.items():
        print(f"| {name} | {value:.5g} |")
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
