"""What a scheduler costs: empty tasks by the thousand, and two workers beside one process.

    python -m benchmarks.scheduler tasks [--count 20000] [--workers 2]
    python -m benchmarks.scheduler workers [--method gaussian --method resunet] [--planes 64]

The first sends empty parts through the very loop that sends real ones, and counts messages. The
second denoises one volume by this process with two threads and by two workers of one thread each;
their start is not counted, and what each has compiled or loaded before is warm.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from benchmarks.markdown import head, print_row

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import make_denoiser
from napari_photon_denoise.files import FilesWork, denoise_files_job
from napari_photon_denoise.io import write_image
from napari_photon_denoise.job import run
from napari_photon_denoise.kernels.threads import use_cpus
from napari_photon_denoise.named_camera import NamedCamera
from napari_photon_denoise.shards.cluster import flight
from napari_photon_denoise.shards.cluster.local import LocalWorkers
from napari_photon_denoise.shards.cluster.quiet import quiet
from napari_photon_denoise.shards.cluster.runner import ClusterRunner
from napari_photon_denoise.shards.records import StoreOptions
from napari_photon_denoise.shards.task import run_shards_here
from napari_photon_denoise.tally import Seen

CAMERA = NamedCamera(Calibration(gain=0.5, offset=100, read_noise=1.5))


def nothing(key: str, data: bytes, number: int, version: str, every: float) -> Seen:
    """Do no part, and see nothing."""
    return Seen()


def empty_run(folder: Path) -> SimpleNamespace:
    """Return what stands for an image."""
    remote = SimpleNamespace(key="empty", files=(), store=folder / "it", needs_torch=False)
    remote.anywhere = lambda: remote
    return remote


def count_messages() -> Counter[str]:
    """Count what the scheduler and its client, in this process, send and what workers report."""
    from distributed.batched import BatchedSend
    from distributed.scheduler import Scheduler

    counted: Counter[str] = Counter()
    send, finished = BatchedSend.send, Scheduler.handle_task_finished

    def counting(this: BatchedSend, *messages: dict[str, object]) -> None:
        counted.update(str(message.get("op")) for message in messages)
        send(this, *messages)

    def told(this: Scheduler, *words: object, **more: object) -> None:
        counted["task-finished (from workers)"] += 1
        finished(this, *words, **more)

    BatchedSend.send, Scheduler.handle_task_finished = counting, told
    return counted


def measure_tasks(count: int, workers: int) -> None:
    """Print what an empty part costs."""
    flight.do_part, flight.packed = nothing, lambda remote: b"x" * 4096
    counted = count_messages()
    with quiet(), LocalWorkers(workers).connect() as client, tempfile.TemporaryDirectory() as made:
        counted.clear()
        begun, used = time.perf_counter(), time.process_time()
        steps = flight.Flight(client, empty_run(Path(made)), "here").steps(range(count))
        done = sum(step.seen is not None for step in steps)
        took, used = time.perf_counter() - begun, time.process_time() - used
    assert done == count
    print(head("parts", "workers", "s", "parts/s", "ms a part", "CPU ms a part", "messages a part"))
    sent = sum(counted.values())
    figures = (count, workers, f"{took:.1f}", f"{count / took:.0f}", f"{1e3 * took / count:.2f}")
    print_row(*map(str, figures), f"{1e3 * used / count:.2f}", f"{sent / count:.2f}")
    for name, number in counted.most_common(12):
        print(f"  {name}: {number / count:.3f} a part")


def measure_workers(methods: list[str], planes: int) -> None:
    """Print how long one process of two threads and two workers of one thread take."""
    rng = np.random.default_rng(1)
    print(head("method", "one process, 2 threads, s", "2 workers, 1 thread, s", "ratio"))
    with tempfile.TemporaryDirectory() as made:
        image = Path(made) / "cells.ome.tif"
        counts = (100 + 2 * rng.poisson(20, (planes, 1024, 1024))).astype(np.uint16)
        write_image(image, counts, "ZYX")
        for method in methods:
            use_cpus(2)
            run_shards = run_shards_here
            one = [_seconds(image, method, run_shards) for _ in range(3)][1:]
            with ClusterRunner(LocalWorkers(2)) as run_shards:
                two = [_seconds(image, method, run_shards) for _ in range(3)][1:]
            print_row(method, f"{min(one):.1f}", f"{min(two):.1f}", f"{min(one) / min(two):.2f}")


def _seconds(image: Path, method: str, run_shards: object) -> float:
    """Denoise anew, and return how long the parts took."""
    took = []

    def timed(task, numbers):  # type: ignore[no-untyped-def]
        begun = None
        for step in run_shards(task, numbers):
            begun = time.perf_counter() if begun is None and not step.text else begun
            yield step
        took.append(time.perf_counter() - begun)

    work = FilesWork(
        make_denoiser(method, {}),
        image.with_name("it.ome.zarr"),
        method,
        CAMERA,
        overwrite=True,
        options=StoreOptions(shard_bytes=2**24),
        run_shards=timed,
    )
    (done,) = run(denoise_files_job(work, [image]))
    if done.error is not None:
        raise done.error
    return took[0]


def main() -> None:
    """Print one of the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("tasks", "workers"))
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--method", action="append")
    parser.add_argument("--planes", type=int, default=64)
    chosen = parser.parse_args()
    if chosen.what == "tasks":
        measure_tasks(chosen.count, chosen.workers)
    else:
        measure_workers(chosen.method or ["gaussian", "resunet"], chosen.planes)


if __name__ == "__main__":
    main()
