"""The shards of a run on a cluster's workers: a plain loop that submits them and follows them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.lock import InUse
from napari_photon_denoise.shards.cluster.crew import (
    Needs,
    Worker,
    ask_workers,
    give_cpus,
    run_on,
    share_cpus,
)
from napari_photon_denoise.shards.cluster.part import (
    do_part,
    end_run,
    own_version,
    packed,
    topic_of,
)
from napari_photon_denoise.shards.remote import Coarse, Remote
from napari_photon_denoise.shards.task import ShardStep
from napari_photon_denoise.tally import Seen

AHEAD = 2  # shards that are submitted for each that is worked on, so that no worker waits
TURN = 0.5  # s, until whoever follows may stop, though nothing is new
LOOK = 2.0  # s, from look to look at which workers there are
GONE = 300.0  # s without any worker, after there were some
TELL = 1.0  # s, from word to word of a worker, at least
WORDS = 50  # a second that all workers together say, at most
AGAIN, TRIES = 5.0, 120  # s, and how often a shard is tried that a worker, thought dead, still does
LOST = 4  # times that workers may be lost with all that was sent to them
SMALL = 2**16  # bytes that go with each task; what is larger is sent once to each worker


class Flight:
    """One run's shards on the workers.

    Parameters
    ----------
    client : distributed.Client
    remote : Remote or Coarse
    where : str
        What a sentence calls the cluster.
    """

    def __init__(self, client: Any, remote: Remote | Coarse, where: str) -> None:
        self._client, self._remote, self._where = client, remote.anywhere(), where
        self._needs = Needs(self._remote.files, self._remote.store.parent, self._remote.needs_torch)
        self._news: SimpleQueue[Callable[[], ShardStep | None]] = SimpleQueue()
        self._waiting: deque[int] = deque()
        self._flying: dict[int, Any] = {}
        self._later: list[tuple[float, int]] = []
        self._tries: dict[int, int] = {}
        self._workers: list[Worker] = []
        self._slots: dict[str, int] = {}
        self._looked = 0.0
        self._there: float | None = None  # when there were workers
        self._data: Any = None

    def steps(self, numbers: Sequence[int]) -> Iterator[ShardStep]:
        """Do shards, and tell how far each is.

        Raises
        ------
        PhotonDenoiseError
            Of a shard, or if a worker lacks something, or the cluster is lost.
        """
        self._waiting = deque(numbers)
        left = len(numbers)
        last = ShardStep(numbers[0], 0.0)
        try:
            while left:
                self._check_alive()
                # While a connection is lost, calls fail; it may come back.
                with suppress(OSError, TimeoutError):
                    self._look()
                    self._submit()
                step = self._next()
                if step is not None and step.seen is not None:
                    left -= 1
                last = step or last
                # One that is done is told once.
                yield step or ShardStep(last.number, last.share, text=self._text())
        finally:
            self._end()

    def _look(self) -> None:
        """See which workers there are, and ask the new ones."""
        if time.monotonic() < self._looked + LOOK or self._client.status != "running":
            return
        self._looked = time.monotonic()
        self._slots = self._client.nthreads()
        if self._slots:
            self._there = self._looked
        elif self._there is not None and self._looked > self._there + GONE:
            raise PhotonDenoiseError(
                f"All workers of {self._where} have ended: what was done is kept, so start this "
                "again when there are some."
            )
        known = {worker.address for worker in self._workers}
        new = [address for address in self._slots if address not in known]
        if new:
            self._ask(new)

    def _ask(self, addresses: Sequence[str]) -> None:
        here = [worker for worker in self._workers if worker.address in self._slots]
        self._workers = here + ask_workers(self._client, addresses, self._needs)
        give_cpus(self._client, share_cpus(self._workers, self._slots))

    def _submit(self) -> None:
        """Submit shards, a few more than can be worked on."""
        now = time.monotonic()
        due = [number for at, number in self._later if at <= now]
        self._later = [(at, number) for at, number in self._later if at > now]
        self._waiting.extendleft(due)
        room = AHEAD * sum(self._slots.values()) - len(self._flying)
        if room <= 0 or not self._waiting or self._client.status != "running":
            return
        if self._data is None:
            self._begin()
        every = max(TELL, sum(self._slots.values()) / WORDS)
        for _ in range(min(room, len(self._waiting))):
            number = self._waiting.popleft()
            future = self._client.submit(
                do_part,
                self._remote.key,
                self._data,
                number,
                own_version(),
                every,
                key=f"photon-denoise-{self._remote.key}-{number}-{self._tries.get(number, 0)}",
                pure=False,
            )
            self._follow(number, future)

    def _follow(self, number: int, future: Any) -> None:
        self._flying[number] = future
        future.add_done_callback(lambda done: self._news.put(lambda: self._landed(number, done)))

    def _begin(self) -> None:
        """Send what is to be done to all workers, and listen to them."""
        self._data = packed(self._remote)
        if len(self._data) > SMALL:
            (self._data,) = self._client.scatter([self._data], broadcast=True, hash=False)
        self._client.subscribe_topic(
            topic_of(self._remote.key), lambda event: self._news.put(lambda: self._told(event[1]))
        )

    def _next(self) -> ShardStep | None:
        with suppress(Empty):
            return self._news.get(timeout=TURN)()
        return None

    def _told(self, words: tuple[int, float]) -> ShardStep | None:
        number, share = words
        # The word of one that is done may come later than that.
        return ShardStep(number, share) if number in self._flying else None

    def _landed(self, number: int, future: Any) -> ShardStep | None:
        """Take a shard that is done, or see why it is not."""
        if number not in self._flying or self._flying[number] is not future:
            return None  # of an earlier try
        del self._flying[number]
        if future.status == "finished":
            try:
                seen: Seen = future.result(timeout=TURN)
            except (OSError, TimeoutError):  # its worker was lost: others do it again
                self._follow(number, future)
                return None
            return ShardStep(number, 1.0, seen)
        if future.status == "cancelled":
            # With a worker that was lost, what was sent may be lost for all.
            self._data = None
            return self._again(number, 0.0, LOST, self._killed(number, LOST))
        error = future.exception()
        if isinstance(error, InUse):
            return self._again(number, AGAIN, TRIES, error)
        raise self._said(number, error)

    def _again(self, number: int, after: float, most: int, error: Exception) -> ShardStep:
        """Do a shard again later, unless that was tried often."""
        self._tries[number] = self._tries.get(number, 0) + 1
        if self._tries[number] > most:
            raise error
        self._later.append((time.monotonic() + after, number))
        return ShardStep(number, 0.0)

    def _said(self, number: int, error: Exception) -> Exception:
        """Return what is said of a shard that failed."""
        from distributed import KilledWorker

        if isinstance(error, KilledWorker):
            return self._killed(number, error.allowed_failures + 1)
        if isinstance(error, ImportError):  # of a worker that came later
            ask_workers(self._client, list(self._client.nthreads()), self._needs)
        return error

    def _killed(self, number: int, times: int) -> PhotonDenoiseError:
        return PhotonDenoiseError(
            f"Part {number + 1} of {self._remote.store.name} has ended {times} workers, most "
            "likely for lack of memory: give each worker more memory, or choose smaller shards."
        )

    def _text(self) -> str:
        return "" if self._slots else f"Waiting for workers of {self._where}"

    def _check_alive(self) -> None:
        if self._client.status not in ("running", "connecting"):
            raise self._lost()

    def _lost(self) -> PhotonDenoiseError:
        return PhotonDenoiseError(
            f"The scheduler of {self._where} does not answer any more: what was done is kept, so "
            "start it again, and then this."
        )

    def _end(self) -> None:
        """Cancel what flies, and have workers let go of all."""
        if self._client.status != "running":
            return
        key = self._remote.key
        # Whatever has become of the cluster meanwhile: nothing of the result depends on it.
        with suppress(OSError, TimeoutError, RuntimeError):
            if self._flying:
                self._client.cancel(list(self._flying.values()), force=True)
            there = self._client.nthreads()
            asked = [one.address for one in self._workers if one.address in there]
            run_on(self._client, asked, end_run, key)
            if self._data is not None:
                self._client.unsubscribe_topic(topic_of(key))
