"""Options of OME-Zarr: how it is cut, and who makes its parts."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from napari_photon_denoise.cli.console import note
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.denoisers.networked import Networked
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.ome_zarr.pyramid import pyramid_job
from napari_photon_denoise.io.write import OME_ZARR, WRITERS, Writer, find_writer
from napari_photon_denoise.shards.cluster.existing import ExistingCluster
from napari_photon_denoise.shards.cluster.local import LocalWorkers
from napari_photon_denoise.shards.cluster.runner import Cluster, ClusterRunner
from napari_photon_denoise.shards.cluster.slurm import SlurmJobs
from napari_photon_denoise.shards.job import PyramidMaker, Share
from napari_photon_denoise.shards.records import StoreOptions
from napari_photon_denoise.shards.task import ShardRunner, run_shards_here

FORMATS = {writer.title.lower(): writer for writer in WRITERS}
MIB = 2**20
LARGEST = 2**16  # MiB
# By their names in the namespace; of OME-TIFF none makes sense.
WORKERS = ("workers", "scheduler", "slurm", "shards")
OF_ZARR = (*WORKERS, "zarr_format", "chunk", "shard_size")


def add_shard_options(parser: argparse.ArgumentParser) -> None:
    """Add the format of results, how an OME-Zarr is cut, and who makes its parts."""
    group = parser.add_argument_group(
        "result",
        "OME-TIFF, one file that one process writes, and that an interrupted run begins anew; or "
        "OME-Zarr, a folder of parts, with which an interrupted run goes on where it was",
    )
    group.add_argument(
        "--format",
        choices=tuple(FORMATS),
        help="of results in a folder (default: ome-tiff); of a file, its name says it",
    )
    group.add_argument(
        "--zarr-format",
        type=int,
        choices=(2, 3),
        help="of OME-Zarr: 2 is that of version 0.4, which Fiji reads; 3 of 0.5 (default: 3)",
    )
    group.add_argument(
        "--chunk",
        type=_lengths,
        metavar="T,C,Z,Y,X",
        help="what is read at once of OME-Zarr, a length for each axis of the image (default: 16 x "
        "256 x 256 px of volumes, 512 x 512 px of planes)",
    )
    group.add_argument(
        "--shard-size",
        type=int,
        metavar="MIB",
        help="what is written at once of OME-Zarr, and a worker's part: a few times as much memory "
        f"is needed (default: {StoreOptions().shard_bytes // MIB} MiB)",
    )
    _add_who(parser)


def _add_who(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "workers", "who makes the parts of an OME-Zarr (default: this process, one by one)"
    )
    who = group.add_mutually_exclusive_group()
    who.add_argument(
        "--workers", type=int, metavar="N", help="N processes of this computer share its CPUs"
    )
    who.add_argument(
        "--scheduler",
        metavar="ADDRESS|FILE",
        help="a Dask cluster that runs, such as tcp://10.0.0.5:8786, or its scheduler's file",
    )
    who.add_argument(
        "--slurm",
        metavar="FILE",
        help="jobs that Slurm runs: YAML with the parameters of dask-jobqueue's SLURMCluster, and "
        "'jobs', how many; pip install 'napari-photon-denoise[slurm]'",
    )
    who.add_argument(
        "--shards",
        type=_share,
        metavar="K/N",
        help="make the K-th of N shares of the parts, as one of N jobs that know nothing of each "
        "other; when all are done, photon-denoise finish OUT",
    )


def _lengths(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no list of lengths, such as 1,1,16,256,256"
        ) from None


def _share(text: str) -> Share:
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no share, such as 3/64")
    try:
        return Share(int(found[1]), int(found[2]))
    except PhotonDenoiseError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def check_format(chosen: argparse.Namespace, output: Path) -> str:
    """Return the ending for results in a folder; refuse options that don't go with the format.

    Raises
    ------
    PhotonDenoiseError
    """
    named = find_writer(output)
    wanted = FORMATS[chosen.format] if chosen.format else None
    if named is not None and wanted is not None and named is not wanted:
        raise PhotonDenoiseError(
            f"{output.name} is {named.title} by its name, and --format says {wanted.title}: end "
            f"the name with {wanted.endings[0]}, or leave the option out."
        )
    writer = named or wanted or WRITERS[0]
    given = [name for name in OF_ZARR if getattr(chosen, name) is not None]
    if given and writer is not OME_ZARR:
        raise _not_cut(f"--{given[0].replace('_', '-')}", writer, output, is_file=named is not None)
    return writer.endings[0]


def _not_cut(flag: str, writer: Writer, output: Path, *, is_file: bool) -> PhotonDenoiseError:
    ending = OME_ZARR.endings[0]
    mend = (
        f"end the name of {output.name} with {ending}"
        if is_file
        else f"add --format {OME_ZARR.title.lower()}, or name a file that ends with {ending}"
    )
    return PhotonDenoiseError(
        f"{flag} goes with {OME_ZARR.title}, whose parts can be made apart, and {writer.title} is "
        f"written as one file: {mend}."
    )


def check_here(chosen: argparse.Namespace) -> None:
    """Refuse workers where images are denoised as they come, which this process does.

    Raises
    ------
    PhotonDenoiseError
    """
    given = [name for name in WORKERS if getattr(chosen, name) is not None]
    if given:
        raise PhotonDenoiseError(
            f"Images that are watched for are denoised one by one by this process: leave out "
            f"--{given[0]}, or --watch."
        )


def store_options(chosen: argparse.Namespace) -> StoreOptions:
    """Return how an OME-Zarr is cut.

    Raises
    ------
    PhotonDenoiseError
    """
    usual = StoreOptions()
    size = chosen.shard_size
    if size is not None and not 1 <= size <= LARGEST:
        raise PhotonDenoiseError(f"--shard-size must be 1 to {LARGEST} MiB, not {size}.")
    return StoreOptions(
        zarr_format=chosen.zarr_format or usual.zarr_format,
        chunk=chosen.chunk,
        shard_bytes=usual.shard_bytes if size is None else size * MIB,
    )


class Who(NamedTuple):
    """Who makes a result."""

    run_shards: ShardRunner = run_shards_here
    make_pyramid: PyramidMaker = pyramid_job


@contextmanager
def shard_runner(
    chosen: argparse.Namespace, images: Sequence[Path], output: Path, denoiser: AnyMethod
) -> Iterator[Who]:
    """Give who makes the parts, as long as they are made.

    A cluster that runs already is asked first, since learning may take hours; others begin when
    they are needed.

    Raises
    ------
    PhotonDenoiseError
        If there is no such cluster, or a worker lacks something.
    """
    cluster = _cluster(chosen)
    if cluster is None:
        yield Who()
        return
    with ClusterRunner(cluster) as runner:
        if isinstance(cluster, ExistingCluster):
            folder = output.parent if find_writer(output) else output
            needs_torch = isinstance(denoiser, Networked)
            for sentence in runner.check(images, folder, torch=needs_torch):
                note(sentence)
        yield Who(runner, runner.pyramid_job)


def _cluster(chosen: argparse.Namespace) -> Cluster | None:
    if chosen.workers is not None:
        return LocalWorkers(chosen.workers)
    if chosen.scheduler is not None:
        return ExistingCluster(chosen.scheduler)
    if chosen.slurm is None:
        return None
    jobs = SlurmJobs(Path(chosen.slurm))
    jobs.check()
    return jobs
