"""What is said of files while they are denoised, and where that is stopped."""

from __future__ import annotations

from pathlib import Path

from napari_photon_denoise.cli.console import complain, in_words, note, say, show_fault
from napari_photon_denoise.files import FilesProgress, FileState
from napari_photon_denoise.job import Progress
from napari_photon_denoise.shards.finish import kept_parts
from napari_photon_denoise.shards.job import ShardsDone, Share
from napari_photon_denoise.shards.plan import is_cut

TIFF_ENDINGS = (".tif", ".tiff")


class FilesTeller:
    """Says what is new of the files while they are worked on.

    Parameters
    ----------
    share : Share, optional
        Of the parts, that is made.
    """

    def __init__(self, share: Share | None = None) -> None:
        self._share = share
        self._said: dict[Path, FileState] = {}

    def __call__(self, step: Progress) -> Progress:
        """Look at a step, and hand it on."""
        files = step.files if isinstance(step, FilesProgress) else ()
        for file in files:
            before = self._said.get(file.source)
            if before is not file:
                self._tell(file, before, alone=len(files) == 1)
                self._said[file.source] = file
        return step

    def say_kept(self) -> None:
        """Say what is kept of the files that were worked on when that was stopped."""
        for file in self._said.values():
            if file.state == "running" and file.target.suffix.lower() in TIFF_ENDINGS:
                note(
                    f"{file.name} begins anew with the same command, since a TIFF is written as a "
                    "whole; images that are done are skipped."
                )
            if file.state in ("running", "failed") and is_cut(file.target):
                kept = kept_parts(file.target)
                if kept is not None:
                    done, total = kept
                    parts = f"{file.target}: {done} of {total} parts are done and kept"
                    say(f"{parts}: the same command goes on")

    def _tell(self, file: FileState, before: FileState | None, *, alone: bool) -> None:
        for sentence in file.notes[len(before.notes) if before else 0 :]:
            note(f"{file.name}: {sentence}")
        if file.state == "skipped":
            say(f"{file.source}: done already, skipped")
        elif file.state == "done" and file.parts is not None and self._share is not None:
            say(f"{file.source} -> {file.target}: {_said_of(self._share, file.parts)}")
            if not file.parts.missing:
                say(f"{file.target}: all parts are done; photon-denoise finish makes it an image")
        elif file.state == "done":
            for path in file.files:
                say(f"{file.source} -> {path}")
        elif file.error is not None and not alone:
            show_fault(file.error)
            complain(f"{file.source}: {in_words(file.error)}")


def _said_of(share: Share, parts: ShardsDone) -> str:
    done = "1 part" if parts.new == 1 else f"{parts.new} parts"
    were = "1 was" if parts.again == 1 else f"{parts.again} were"
    before = f", {were} done before" if parts.again else ""
    are = "1 is" if parts.missing == 1 else f"{parts.missing} are"
    left = f"; {are} left to the others" if parts.missing else ""
    return f"share {share.number}/{share.of}: {done} done{before}{left}"
