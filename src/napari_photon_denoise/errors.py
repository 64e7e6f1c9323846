"""The exceptions of the package: bad input, said in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


class PhotonDenoiseError(ValueError):
    """Bad input: one clear sentence that says what to do.

    The command line prints the sentence and exits with 2; the widget shows it.
    """


class UnreadableFile(PhotonDenoiseError):
    """A file is missing, damaged, or holds something that is no grey image."""


class OutputExists(PhotonDenoiseError):
    """The output is there already and nobody asked for it to be overwritten."""


class CalibrationMismatch(PhotonDenoiseError):
    """A calibration is of another shape, binning, region or camera mode than the image."""


class TooLarge(PhotonDenoiseError):
    """A result does not fit in memory."""


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
    sentences = {
        "greater_than_equal": f"must be at least {limit.get('ge')}",
        "less_than_equal": f"must be at most {limit.get('le')}",
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
