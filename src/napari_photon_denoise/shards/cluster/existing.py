"""A Dask cluster that runs already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_photon_denoise.errors import PhotonDenoiseError

ANSWER = 10.0  # s, in which a scheduler answers


@dataclass(frozen=True)
class ExistingCluster:
    """A cluster whose scheduler runs.

    Parameters
    ----------
    scheduler : str
        Its address, such as "tcp://10.0.0.5:8786", or the file that it wrote itself into.
    """

    scheduler: str

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return f"the Dask cluster {self.scheduler}"

    @contextmanager
    def connect(self) -> Iterator[Any]:
        """Connect to it; its workers go on when that ends."""
        from distributed import Client

        file = Path(self.scheduler)
        is_file = "://" not in self.scheduler and (file.suffix == ".json" or file.is_file())
        if is_file and not file.is_file():
            raise PhotonDenoiseError(
                f"There is no file {file}: name the one that 'dask scheduler' wrote, or its "
                "address, such as tcp://10.0.0.5:8786."
            )
        try:
            client = Client(
                None if is_file else self.scheduler,
                scheduler_file=str(file) if is_file else None,
                timeout=ANSWER,
                set_as_default=False,
            )
        except (OSError, TimeoutError, ValueError, RuntimeError, KeyError) as error:
            raise PhotonDenoiseError(
                f"No Dask scheduler answers at {self.scheduler}: check the address, such as "
                "tcp://10.0.0.5:8786, and that it runs and may be reached from here."
            ) from error
        with client:
            yield client
