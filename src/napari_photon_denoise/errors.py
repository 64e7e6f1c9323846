"""The exceptions of the package: bad input, said in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pydantic import ValidationError


class PhotonDenoiseError(ValueError):
    """Bad input: one clear sentence that says what to do.

    The command line prints the sentence and exits with 2; the widget shows it.

    Attributes
    ----------
    advice : str
        What to do, where that is a flag on one face and a button on another: the error is then
        made with the first half of its sentence, and each face completes it in its own words.
    """

    advice: ClassVar[str] = ""

    def __str__(self) -> str:
        """Return the sentence; what to do is said as it holds on every face."""
        return self.in_words({})

    def in_words(self, advice: Mapping[type[PhotonDenoiseError], str]) -> str:
        """Return the sentence, with what a face advises for errors of this type."""
        said = super().__str__()
        own = advice.get(type(self), self.advice)
        return f"{said}: {own}." if own else said


class UnreadableFile(PhotonDenoiseError):
    """A file is missing, damaged, or holds something that is no grey image."""


class UnknownAxes(UnreadableFile):
    """A file does not say which of its dimensions is which."""

    advice = "name the axes, one letter of TCZYX per dimension, such as ZYX"


class OutputExists(PhotonDenoiseError):
    """The output is there already and nobody asked for it to be overwritten."""

    advice = "choose another name, or allow overwriting"


class DenoisedAlready(PhotonDenoiseError):
    """A result of this program was given for a raw image, and nobody allowed that."""

    advice = "name the raw image, or allow results (allow_results) if you mean it"


class CalibrationMismatch(PhotonDenoiseError):
    """A calibration is of another shape, binning, region or camera mode than the image."""


class TooLarge(PhotonDenoiseError):
    """A result does not fit in memory; written to a file it would."""

    advice = (
        "use the command line, 'photon-denoise denoise IN -o OUT.ome.tif', which writes to disk "
        "tile by tile, or ask for a lazy result in Python"
    )


class DeviceError(PhotonDenoiseError):
    """A device is not there."""


class OutOfMemory(PhotonDenoiseError):
    """The device has no memory left for a tile."""


class PhotonDenoiseWarning(UserWarning):
    """What a user should know of a result that is valid nevertheless."""


def one_sentence(error: ValidationError, subject: str) -> str:
    """Say the first fault of a pydantic error in words.

    Parameters
    ----------
    error : ValidationError
    subject : str
        Whose parameters were wrong, such as "gaussian".
    """
    fault = error.errors()[0]
    if not fault["loc"]:  # two of them do not go together
        return f"{subject}: {fault['msg'].removeprefix('Value error, ')}."
    name = ".".join(str(part) for part in fault["loc"]) or "value"
    limit = fault.get("ctx", {})
    low, high = (f"{limit.get(end, 0):.10g}" for end in ("ge", "le"))
    sentences = {
        "greater_than_equal": f"must be at least {low}",
        "less_than_equal": f"must be at most {high}",
        "int_from_float": "must be a whole number",
        "bool_parsing": "must be True or False",
        "bool_type": "must be True or False",
        "string_type": "must be a name",
        "literal_error": f"must be {limit.get('expected')}",
        "extra_forbidden": "is no parameter of it",
        "missing": "is missing",
    }
    what = sentences.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    was = "" if fault["type"] in ("extra_forbidden", "missing") else f", not {fault['input']!r}"
    return f"{subject}: {name} {what[:1].lower()}{what[1:]}{was}."
