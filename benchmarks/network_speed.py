"""How fast the pretrained networks are: beside the machine's convolutions, and beside peers.

    python -m benchmarks.network_speed                       prints tables
    python -m benchmarks.network_speed --model FILE ...      these models, by name or file
    python -m benchmarks.network_speed --careamics PYTHON    CAREamics too, see careamics_predict
    python -m benchmarks.network_speed --json FILE           writes the figures too
    python -m benchmarks.network_speed --quick               smaller images, in seconds

The machine's best is the fastest 3×3 convolution that torch has here, over channel numbers,
sizes and precisions. A network's work is that of its convolution layers, a multiplication and
an addition counted each; its rate is the work of the image's own pixels over the time of the
whole call: counts in, photons out, with reading, calibration, halos and padding. Beside it
stands the rate with the pixels of halos counted, which only shows what halos cost.

Times are medians after a warm-up; everybody may use all CPUs. Memory is the peak resident set
of a process of its own, less what it held before the call with all loaded; a cold start is a
new process, from its start to its first result, torch's import included.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import warnings
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.careamics_predict import peak
from benchmarks.markdown import head, print_row
from benchmarks.network_work import best_rate, devices, work_per_pixel
from benchmarks.timing import median_seconds
from benchmarks.validation.peers import HAS_BM3D, block_matching, nonlocal_means
from numpy.typing import NDArray

import napari_photon_denoise as npd
from napari_photon_denoise.models import describe, find_model, shipped_models
from napari_photon_denoise.networks.weights import load_model
from napari_photon_denoise.tiles import split, tile_size

GAIN, OFFSET, READ_NOISE = 0.46, 100, 1.2  # e-/ADU, ADU, e- rms
PHOTONS = 10
BM3D_EDGE = 512  # px; larger takes minutes
COLD_EDGE = 512
TARGET_SHARE = 0.6
CAREAMICS_TILE = 256

Row = dict[str, Any]


def camera() -> npd.Calibration:
    """Return a camera whose pixels are alike."""
    return npd.Calibration(gain=GAIN, offset=OFFSET, read_noise=READ_NOISE)


def counts(edge: int, planes: int = 1) -> NDArray[np.uint16]:
    """Photograph structure of no importance: ``(Y, X)``, or planes of it."""
    y, x = np.indices((edge, edge)) / 20
    truth = PHOTONS * (1 + np.sin(y) * np.sin(x))
    shape = (edge, edge) if planes == 1 else (planes, edge, edge)
    electrons = np.random.default_rng(0).poisson(np.broadcast_to(truth, shape))
    return np.asarray(electrons / GAIN + OFFSET, dtype=np.uint16)


def denoise(image: NDArray[np.uint16], model: str, device: str) -> NDArray[np.float32]:
    """Make the call that is measured."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        clean: NDArray[np.float32] = npd.denoise(
            image, camera(), npd.Resunet(model=model), device=device
        )
    return clean


def pixels_read(model: str, shape: tuple[int, int, int]) -> int:
    """Pixels of the image's tiles with their halos."""
    z, y, x = describe(find_model(model))["halo"]
    whole = (slice(0, shape[0]), slice(0, shape[1]), slice(0, shape[2]))
    tiles = split(whole, shape, tile_size((z, y, x), None), (z, y, x))
    # Planes that only neighbours see cost a 2-D network nothing worth counting.
    return sum(
        (part.core[0].stop - part.core[0].start)
        * int(np.prod([side.stop - side.start for side in part.read[1:]]))
        for part in tiles
    )


def ours(model: str, device: str, edge: int, best: float, repeats: int) -> Row:
    """Time a whole call and compare its rate with the best."""
    deep = describe(find_model(model))["halo"][0] > 0
    planes = 5 if deep else 1
    image = counts(edge // 2 if deep else edge, planes)
    taken = median_seconds(lambda: denoise(image, model, device), repeats)
    work = work_per_pixel(load_model(model).network)
    shape = (planes, *image.shape[-2:])
    rate = work * image.size / taken / 1e9
    read = pixels_read(model, shape)
    return {
        "table": "ours",
        "model": Path(model).stem,
        "device": device,
        "shape": shape,
        "work": work,
        "seconds": taken,
        "mpx_s": image.size / taken / 1e6,
        "gflops": rate,
        "share": rate / best,
        "share_with_halo": rate / best * read / image.size,
        "memory": memory(model, device, shape),
        "cold_start": cold_start(model, device, min(repeats, 3)),
    }


def memory(model: str, device: str, shape: tuple[int, int, int]) -> int | None:
    """Growth of the peak resident memory during a call, bytes, from a process of its own."""
    if sys.platform == "win32":
        return None
    return int(_own_process("--memory-of", model, device, *map(str, shape)))


def print_memory(model: str, device: str, planes: int, edge: int) -> None:
    """Measure in this process; see `memory`."""
    import psutil

    image = counts(edge, planes)
    denoise(image[..., :64, :64], model, device)
    before = psutil.Process().memory_info().rss
    denoise(image, model, device)
    print(peak() - before)


def cold_start(model: str, device: str, repeats: int) -> float:
    """Seconds from the start of a process to its first denoised image."""
    return median_seconds(lambda: _own_process("--cold", model, device), max(repeats, 2))


def _own_process(*words: str) -> str:
    command = [sys.executable, "-m", "benchmarks.network_speed", *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def classical_peers(edge: int) -> list[Row]:
    """Time non-local means on the whole, and BM3D on a part."""
    photons = camera().to_photons(counts(edge))
    rows = [_peer("GAT+NLM", nonlocal_means, photons)]
    if HAS_BM3D:
        rows.append(_peer("GAT+BM3D", block_matching, photons[:BM3D_EDGE, :BM3D_EDGE]))
    return rows


def _peer(name: str, work: Callable[..., Any], photons: NDArray[np.float32]) -> Row:
    work(photons[:64, :64], READ_NOISE)
    taken = median_seconds(lambda: work(photons, READ_NOISE), 1)
    shape = (1, *photons.shape)
    return {"table": "peer", "name": name, "shape": shape, "mpx_s": photons.size / taken / 1e6}


def careamics(python: Path, edge: int) -> list[Row]:
    """Let CAREamics predict in its own environment, whole and in tiles."""
    rows = []
    script = str(Path(__file__).with_name("careamics_predict.py"))
    for tile in ((), (str(CAREAMICS_TILE),)):
        done = subprocess.run(
            [str(python), script, str(edge), *tile], check=True, capture_output=True, text=True
        )
        found = json.loads(done.stdout.strip().splitlines()[-1])
        name = f"CAREamics {found['version']}, " + (f"tiles of {tile[0]}" if tile else "whole")
        rows.append(
            {
                "table": "peer",
                "name": name,
                "shape": (1, edge, edge),
                "mpx_s": edge * edge / found["seconds"] / 1e6,
                "memory": found["memory"],
                "parameters": found["parameters"],
            }
        )
    return rows


def print_speeds(rows: list[Row]) -> None:
    """Print everybody's speed, and ours beside the machine's best."""

    def size(row: Row) -> str:
        return " × ".join(str(n) for n in row["shape"] if n > 1)

    def amount(row: Row) -> str:
        found = row.get("memory")
        return "" if found is None else f"{found / 2**20:.0f}"

    print("\n" + head("", "image", "Mpx/s", "peak memory, MiB"))
    for row in rows:
        name = row.get("name") or f"{row['model']}, {row['device']}"
        print_row(name, size(row), f"{row['mpx_s']:.3g}", amount(row))
    print(f"\nRate over the machine's best; target at least {TARGET_SHARE:g}\n")
    columns = ("work, kFLOP/px", "call, s", "GFLOP/s", "share", "share with halos", "cold start, s")
    print(head("network", *columns))
    for row in rows:
        if row["table"] != "ours":
            continue
        share = f"{row['share']:.2f}"
        print_row(
            f"{row['model']}, {row['device']}",
            f"{row['work'] / 1e3:.0f}",
            f"{row['seconds']:.2f}",
            f"{row['gflops']:.0f}",
            share if row["share"] >= TARGET_SHARE else f"**{share}**",
            f"{row['share_with_halo']:.2f}",
            f"{row['cold_start']:.1f}",
        )


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", nargs="+", default=list(shipped_models()), metavar="NAME|FILE")
    parser.add_argument("--careamics", type=Path, metavar="PYTHON", help="of its environment")
    parser.add_argument("--without-peers", action="store_true", help="ours alone")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    parser.add_argument("--quick", action="store_true", help="smaller images, fewer repeats")
    parser.add_argument("--memory-of", nargs=5, help=argparse.SUPPRESS)
    parser.add_argument("--cold", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Measure, print and write."""
    chosen = arguments()
    if chosen.memory_of:
        model, device, planes, edge, _ = chosen.memory_of
        print_memory(model, device, int(planes), int(edge))
        return
    if chosen.cold:
        print(float(denoise(counts(COLD_EDGE), *chosen.cold).mean()))
        return
    edge, repeats = (512, 1) if chosen.quick else (2048, 5)
    rates = {device: best_rate(device, quick=chosen.quick) for device in devices()}
    rows = [
        ours(model, device, edge, rates[device].best, repeats)
        for device, model in product(rates, chosen.model)
    ]
    if not chosen.without_peers:
        rows += classical_peers(edge)
        if chosen.careamics:
            rows += careamics(chosen.careamics, edge)
    print_speeds(rows)
    if chosen.json:
        found = {"convolutions": {name: rate.table for name, rate in rates.items()}, "calls": rows}
        chosen.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
