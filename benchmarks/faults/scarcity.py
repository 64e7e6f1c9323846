"""What runs out in the middle of the work: disk, memory; and two that want the same file."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from benchmarks.faults.commands import COMMANDS, Command, hidden, prepare
from benchmarks.faults.outcome import Ended, Tally, Verdict, judge

DISK = 160 * 2**20  # bytes, twice what the largest result needs
MEGABYTE = 2**20
LEAST_MEMORY = 64  # MB; with less, the C library itself aborts when it begins a thread


def try_disks(folder: Path, tries: int, rng: np.random.Generator) -> Tally:
    """Fill the disk at a random time; without a disk of its own, limit the size of files."""
    inputs = prepare(folder)
    tally = Tally("full disk")
    for number in range(tries):
        command = COMMANDS[number % len(COMMANDS)]
        place = folder / str(number) / "out"
        place.mkdir(parents=True)
        with _disk(place) as real:
            after = rng.uniform(0, 1.5)
            limit = int(10 ** rng.uniform(2, 7))
            child = command.start(inputs, place, before=None if real else _limiting(limit))
            if real:
                time.sleep(after)
                _fill(place / "others")
            ended = child.wait()
            verdict = _settle(command, ended, inputs, place)
            how = f"after {after:.2f} s" if real else f"at {limit} bytes"
            tally.add(verdict, f"{command.name}, {how}", ended.seconds)
    return tally


def try_memory(folder: Path, tries: int, rng: np.random.Generator) -> Tally:
    """Leave a command little memory (`ulimit -v`)."""
    inputs = prepare(folder)
    tally = Tally("low memory")
    for number in range(tries):
        command = COMMANDS[number % len(COMMANDS)]
        place = folder / str(number) / "out"
        place.mkdir(parents=True)
        memory = int(rng.uniform(LEAST_MEMORY, 300) * MEGABYTE)
        ended = command.start(inputs, place, memory=memory).wait()
        verdict = _settle(command, ended, inputs, place)
        tally.add(verdict, f"{command.name}, {memory // MEGABYTE} MB", ended.seconds)
    return tally


def try_writers(folder: Path, tries: int, rng: np.random.Generator) -> Tally:
    """Start a command twice, on one output."""
    inputs = prepare(folder)
    tally = Tally("two writers")
    for number in range(tries):
        command = COMMANDS[number % len(COMMANDS)]
        place = folder / str(number) / "out"
        place.mkdir(parents=True)
        (place.parent / "second").mkdir()
        first = command.start(inputs, place)
        time.sleep(rng.uniform(0, 0.5))
        second = command.start(inputs, place, log=place.parent / "second" / "log")
        both = (first.wait(), second.wait())
        verdicts = [_settle(command, ended, inputs, place) for ended in both]
        bad = [one for one in verdicts if one.outcome not in ("right", "sentence")]
        if not bad and all(one.outcome == "sentence" for one in verdicts):
            bad = [Verdict("wrong", f"neither did the work: {verdicts[0].why}")]
        tally.add((bad or verdicts)[0], command.name, both[0].seconds)
    return tally


def _settle(command: Command, ended: Ended, inputs: Path, place: Path) -> Verdict:
    """Judge how a command ended, what it wrote, and what it left."""

    def complete() -> Verdict:
        there = (place / command.output).exists()
        return command.verdict(inputs, place) if there else Verdict("wrong", "no result")

    verdict = judge(ended, complete)
    if verdict.outcome == "sentence":
        partly = command.verdict(inputs, place)
        verdict = verdict if partly.outcome == "right" else partly
    if verdict.outcome in ("right", "sentence") and (left := hidden(place)):
        return Verdict("left behind", ", ".join(left))
    return verdict


@contextmanager
def _disk(place: Path) -> Iterator[bool]:
    """Make a folder a disk of its own, where that is allowed."""
    size = f"size={DISK}"
    made = ["mount", "-t", "tmpfs", "-o", size, "faults", str(place)]
    real = os.geteuid() == 0 and subprocess.run(made, capture_output=True).returncode == 0
    try:
        yield real
    finally:
        if real:
            subprocess.run(["umount", str(place)], check=True)


def _fill(file: Path) -> None:
    """Take all the room that is left, as another program would."""
    with file.open("wb", buffering=0) as other:
        size = MEGABYTE
        while size:
            try:
                other.write(bytes(size))
            except OSError:
                size //= 2


def _limiting(most: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
