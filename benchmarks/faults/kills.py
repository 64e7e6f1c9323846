"""Signals in the middle of the work: nothing half done, nothing left, and the next run completes.

After Ctrl-C and the signals of a logout nothing may lie about. Nobody can clean up after `kill -9`:
there, the next run in the folder must.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import tifffile
from benchmarks.faults.commands import COMMANDS, Command, hidden, prepare
from benchmarks.faults.outcome import RIGHT, Ended, Tally, Verdict, judge
from benchmarks.faults.tiffs import denoise

AT_WORK = 0.2  # s after the fork, when a command surely is
STARTED = 0.1  # s that Python takes before it looks at the program
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)


def try_kills(folder: Path, tries: int, rng: np.random.Generator) -> Tally:
    """Stop each command at a random time, by each signal in turn, and run it again."""
    inputs = prepare(folder)
    lasts = {command.name: _time(command, inputs, folder) for command in COMMANDS}
    tally = Tally("kills")
    for number in range(tries):
        command = COMMANDS[number % len(COMMANDS)]
        what = SIGNALS[number // len(COMMANDS) % len(SIGNALS)]
        place = folder / str(number) / "out"
        place.mkdir(parents=True)
        after = AT_WORK + rng.uniform(0, 1.1) * lasts[command.name]
        verdict, ended = _kill(command, inputs, place, what, after)
        tally.add(verdict, f"{command.name}, {what.name} after {after:.2f} s", ended.seconds)
    return tally


def try_early_kills(folder: Path, tries: int, rng: np.random.Generator) -> Tally:
    """Stop the program while Python starts it and imports what it needs."""
    inputs = folder / "inputs"
    inputs.mkdir()
    tifffile.imwrite(inputs / "cells.tif", rng.poisson(150, (4, 64, 64)).astype(np.uint16))
    tally = Tally("early kills")
    for number in range(tries):
        what = SIGNALS[number % len(SIGNALS)]
        place = folder / str(number)
        place.mkdir()
        words = denoise(inputs / "cells.tif", place / "out.ome.tif")
        began, after = time.monotonic(), STARTED + rng.uniform(0, 3)
        command = [sys.executable, "-m", "napari_photon_denoise", *words]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            time.sleep(after)
            process.send_signal(what)
            text = process.communicate(timeout=60)[0].decode(errors="replace")
        ended = Ended(process.returncode, text, time.monotonic() - began)
        verdict = RIGHT
        if "Traceback" in text:
            verdict = judge(ended, lambda: RIGHT)
        elif what != signal.SIGKILL and (left := hidden(place)):
            verdict = Verdict("left behind", ", ".join(left))
        tally.add(verdict, f"{what.name} after {after:.2f} s", ended.seconds)
    return tally


def _time(command: Command, inputs: Path, folder: Path) -> float:
    place = folder / "times" / command.name / "out"
    place.mkdir(parents=True)
    return command.start(inputs, place).wait().seconds


def _kill(
    command: Command, inputs: Path, place: Path, what: signal.Signals, after: float
) -> tuple[Verdict, Ended]:
    child = command.start(inputs, place)
    time.sleep(after)
    child.send(what)
    ended = child.wait()
    if ended.code is None or "Traceback" in ended.text:
        return judge(ended, lambda: RIGHT), ended
    verdict = command.verdict(inputs, place)
    if verdict.outcome != "right":
        return verdict, ended
    if what != signal.SIGKILL and (left := hidden(place)):
        return Verdict("left behind", f"{', '.join(left)} (exit code {ended.code})"), ended
    again = command.start(inputs, place).wait()
    # What was finished before the signal came is skipped, or refused as being there.
    if again.code == 2 and (place / command.output).exists():
        again = Ended(0, "", again.seconds)
    verdict = judge(again, lambda: command.verdict(inputs, place))
    if verdict.outcome == "sentence":
        return Verdict("wrong", f"the next run refuses: {verdict.why}"), again
    if verdict.outcome == "right" and not (place / command.output).exists():
        return Verdict("wrong", "the next run gives nothing"), again
    if verdict.outcome == "right" and (left := hidden(place)):
        return Verdict("left behind", f"after the next run: {', '.join(left)}"), again
    return verdict, ended
