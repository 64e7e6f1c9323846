"""What goes wrong while one file is worked on, as a sentence: the one border where that is said.

Bad input comes as a `PhotonDenoiseError` already. Here the rest becomes one, too: what the
computer refuses, in words; and what is a fault of this program, which then is said to be one.
"""

from __future__ import annotations

import errno
import traceback

from napari_photon_denoise.errors import PhotonDenoiseError

NO_MEMORY = (
    "{name} needs more memory than there is: close other programs, choose a smaller tile, or give "
    "a part of the image"
)
# The last is oneDNN's, which computes torch's convolutions on a CPU.
_OUT_OF_MEMORY = ("can't allocate memory", "can't start new thread", "could not create a primitive")
_SAID = {
    errno.ENAMETOOLONG: "the name is too long for the file system: choose a shorter one",
    errno.EACCES: "you may not read or write there: ask for the permission, or choose another "
    "folder",
    errno.ENOENT: "it is not there any more: check that its folder was not moved or removed",
    errno.ENOSPC: "the disk is full: free some space, or choose another folder",
    errno.EROFS: "the disk can only be read: choose another folder",
    errno.EMFILE: "too many files are open: close other programs, and try again",
    errno.EIO: "the disk or the network failed: check it, and try again",
    errno.EILSEQ: "the disk can't hold this name: choose another one",
}
_SAID |= {
    errno.EPERM: _SAID[errno.EACCES],
    errno.ENFILE: _SAID[errno.EMFILE],
    errno.ESTALE: _SAID[errno.ENOENT],
    getattr(errno, "EDQUOT", errno.ENOSPC): _SAID[errno.ENOSPC],
}


class ProgramFault(PhotonDenoiseError):
    """A fault of this program, not of what it was given; its cause says where."""

    def story(self) -> str:
        """Return the traceback of its cause, for who mends it."""
        cause = self.__cause__
        return "" if cause is None else "".join(traceback.format_exception(cause))


def as_sentence(error: Exception, name: str) -> PhotonDenoiseError:
    """Return what is said of an exception; a `ProgramFault` for those that nobody foresaw.

    Parameters
    ----------
    error : Exception
    name : str
        Of the file, or the work, that it happened to.
    """
    if isinstance(error, PhotonDenoiseError):
        return error
    if _is_memory(error):
        return _because(error, f"{NO_MEMORY.format(name=name)}.")
    if isinstance(error, OSError):
        what = error.filename or name
        said = _SAID.get(error.errno or 0)
        if said is None:
            reason = error.strerror or str(error) or type(error).__name__
            said = f"it can't be read or written ({reason}): check the disk, and try again"
        return _because(error, f"{_shown(what)}: {said}.")
    if isinstance(error, UnicodeError):
        return _because(
            error, f"{_shown(name)}: its name, or a name in it, is not in UTF-8: rename it."
        )
    fault = ProgramFault(
        f"{_shown(name)}: a fault of this program ({_brief(error)}); please report it with the "
        "lines that begin with “Traceback”."
    )
    fault.__cause__ = error
    return fault


def _because(error: Exception, sentence: str) -> PhotonDenoiseError:
    said = PhotonDenoiseError(sentence)
    said.__cause__ = error
    return said


def _is_memory(error: Exception) -> bool:
    """Tell whether memory ran out; torch, threads and memory maps say so in words of their own."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    said = isinstance(error, RuntimeError) and any(word in str(error) for word in _OUT_OF_MEMORY)
    return isinstance(error, MemoryError) or said


def _shown(name: object) -> str:
    """Return a name that every terminal, window and file can take."""
    text = name.decode(errors="replace") if isinstance(name, bytes) else str(name)
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _brief(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:120]}" if lines else type(error).__name__
