"""What is said of a file: its line in the table, and all there is to read; without Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError
from napari_photon_denoise.files import FileState, State
from napari_photon_denoise.pace import in_words

REPLACE = "Replace results that are there"
ADVICE: dict[type[PhotonDenoiseError], str] = {
    OutputExists: f"tick “{REPLACE}”, or choose another folder for the results"
}
WORDS: dict[State, str] = {
    "waiting": "waiting",
    "running": "running",
    "done": "done",
    "skipped": "done before",
    "failed": "failed",
}


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Parameters
    ----------
    name, place : str
        Of the file, and its whole path.
    state : {"waiting", "running", "done", "skipped", "failed"}
    text : str
        The state in words.
    story : str
        All there is to say of it, a sentence a line.
    opens : bool
        Whether there is a result to look at.
    """

    name: str
    place: str
    state: State
    text: str
    story: str
    opens: bool

    @property
    def told(self) -> str:
        """The story, with the name of the file before it unless it begins with that."""
        named = not self.story or self.story.startswith(self.name)
        return self.story if named else f"{self.name}: {self.story}"


def row_of(file: FileState, left: float | None = None) -> Row:
    """Say how far a file is.

    Parameters
    ----------
    file : FileState
    left : float, optional, s
        Until it is done, where that is known.
    """
    opens = file.state in ("done", "skipped")
    text, lines = WORDS[file.state], list(file.notes)
    if file.error is not None:
        reason = file.error.in_words(ADVICE)
        text, lines = f"⚠ {text}: {reason}", [reason, *lines]
    elif opens:
        lines = [f"Result: {file.target}", *lines]
    elif file.state == "running" and left is not None:
        text = f"{text}, about {in_words(left)} left"
    return Row(file.name, str(file.source), file.state, text, "\n".join(lines), opens)


def summary(files: Sequence[FileState], left: float | None = None) -> str:
    """Say how far all of them are, such as "7 of 20 done, 1 failed, about 4 min left"."""
    if not files:
        return ""
    states = [file.state for file in files]
    done, before, failed = (states.count(state) for state in ("done", "skipped", "failed"))
    parts = [f"{done + before} of {len(files)} done"]
    if before:
        parts[0] += f" ({before} of them before)"
    if failed:
        parts.append(f"{failed} failed")
    if left is not None:
        parts.append(f"about {in_words(left)} left")
    return ", ".join(parts)
