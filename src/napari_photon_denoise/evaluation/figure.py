"""What a figure is, and what it is of one image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, isfinite, nan
from typing import Any, Generic, Literal, TypeVar

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.numbers import THREE, number, with_error
from napari_photon_denoise.metrics.applicable import NotApplicable

Better = Literal["higher", "lower", "one", "zero", ""]
T = TypeVar("T")

UNDEFINED = "It has no value here."
SURE = 2.0  # standard errors, within which a value lies in 95 of 100 images


@dataclass(frozen=True)
class Figure(Generic[T]):
    """A figure of an image, as it is declared in the table.

    Parameters
    ----------
    key : str
        Kebab-case, the same in every version.
    name : str
        In full.
    unit : str
        Empty for a pure number.
    better : {"higher", "lower", "one", "zero", ""}
        What a better image has: more, less, a value nearer to 1 or to 0; empty where it only
        describes. The first two have an improvement over the raw image.
    help : str
        What it means, in a sentence or two.
    take : function of what it is taken of
        Its value; a `PhotonDenoiseError` says why there is none.
    error : function, optional
        Standard error of the value.
    remark : function, optional
        What is to be added to `help` for one image, a sentence.
    title : str
        Short, for the head of a column; empty for figures that are in none.
    digits : str
        How a number is written in a column, see `numbers.number`.
    further : bool
        In a comparison below the table, not in it.
    studied : bool
        Kept for each image of a study.
    of_result : bool
        Of the denoised image alone: the raw image's would mislead.
    fitted : bool
        After the best scale and offset: the image may be in any unit.
    undefined : str
        Why there is no finite value, where the figure does not say so itself.
    """

    key: str
    name: str
    unit: str
    better: Better
    help: str
    take: Callable[[T], float]
    error: Callable[[T], float] | None = None
    remark: Callable[[T], str] | None = None
    title: str = ""
    digits: str = THREE
    further: bool = False
    studied: bool = False
    of_result: bool = False
    fitted: bool = False
    undefined: str = UNDEFINED

    @property
    def header(self) -> str:
        """Title and unit, such as "MSE (e-²)"."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    @property
    def improves(self) -> bool:
        """True if it has an improvement."""
        return self.better in ("higher", "lower")

    @property
    def is_ratio(self) -> bool:
        """True if its improvement is a factor; else it has none, or one in dB."""
        return self.improves and self.unit != "dB"

    @property
    def improvement_header(self) -> str:
        """Title of its improvement, such as "PSNR + (dB)" or "MSE ×"."""
        return f"{self.title} ×" if self.is_ratio else f"{self.title} + (dB)"

    def improvement(self, before: float, after: float) -> float:
        """How many times better `after` is; in dB, how many more.

        Returns
        -------
        float
            Infinite for a perfect result, and 1 where nothing was to be improved and nothing was
            spoilt. NaN where there is no ratio: an error below 0, or a likeness that was not
            above it.
        """
        if not self.improves:
            return nan
        if not self.is_ratio:
            return after - before
        if self.better == "higher":
            return after / before if before > 0 else nan
        if min(before, after) < 0:
            return nan
        if after == 0:
            return 1.0 if before == 0 else inf
        return before / after


@dataclass(frozen=True)
class Reading:
    """A figure of one denoised image.

    Parameters
    ----------
    figure : Figure
    value : float or None
        Of the denoised image; None where it does not apply.
    error : float or None
        Standard error of the value.
    before : float or None
        The same of the raw image.
    reason : str
        Why it does not apply; empty where it does.
    remark : str
        What is to be said of it beside its help.
    """

    figure: Figure[Any]
    value: float | None = None
    error: float | None = None
    before: float | None = None
    reason: str = ""
    remark: str = ""

    @property
    def key(self) -> str:
        """Kebab-case, the same in every version."""
        return self.figure.key

    @property
    def name(self) -> str:
        """The figure's, in full."""
        return self.figure.name

    @property
    def unit(self) -> str:
        """Empty for a pure number."""
        return self.figure.unit

    @property
    def says(self) -> str:
        """What it means, in a sentence or two."""
        return f"{self.figure.help} {self.remark}".strip()

    @property
    def applies(self) -> bool:
        """True if there is a value."""
        return not self.reason

    @property
    def improvement(self) -> float | None:
        """How many times better than the raw image; in dB, how many more. None if unknown."""
        if self.value is None or self.before is None:
            return None
        found = self.figure.improvement(self.before, self.value)
        return None if found != found else found  # NaN

    @property
    def gain(self) -> str:
        """`improvement` for people, such as "× 3.2" or "+4.20 dB"; empty if there is none."""
        found = self.improvement
        if found is None or not isfinite(found):
            return ""
        return f"× {found:.3g}" if self.figure.is_ratio else f"{found:+.2f} dB"

    @property
    def text(self) -> str:
        """The value in a column, with its error; "n/a" where there is none."""
        return "n/a" if self.reason else self.shown(self.figure.digits)

    def shown(self, digits: str) -> str:
        """Write the value with its error.

        An error of the image that is estimated to be below 0, which none can be, is smaller than
        its own uncertainty: what it is below is written, the value and two standard errors.

        Parameters
        ----------
        digits : str
            How a number is written, see `numbers.number`.
        """
        value, error = self.value, self.error
        if self.figure.better == "lower" and value is not None and error is not None:
            highest = value + SURE * error
            if value < 0 < highest:
                return f"< {number(highest, '.2g')}"
        return with_error(value, error, digits)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON: infinity and NaN, which it does not know, are None."""
        return {
            "metric": self.key,
            "name": self.name,
            "value": finite(self.value),
            "error": finite(self.error),
            "before": finite(self.before),
            "improvement": finite(self.improvement),
            "unit": self.unit,
            "applies": self.applies,
            "says": self.says,
            "reason": self.reason,
        }


def read(
    figure: Figure[T], source: T | NotApplicable, before: T | NotApplicable | None = None
) -> Reading:
    """Take a figure of one image.

    Parameters
    ----------
    figure : Figure
    source : what the figure is taken of, or why there is none
    before : the same of the raw image, optional

    Returns
    -------
    Reading
        One that can't be taken, such as SSIM of an image that is too small, says so.
    """
    value = _value(figure, source)
    previous = None if before is None or figure.of_result else _value(figure, before)
    earlier = None if isinstance(previous, NotApplicable) else previous
    if isinstance(value, NotApplicable):
        return Reading(figure, before=earlier, reason=value.reason)
    assert not isinstance(source, NotApplicable)  # that has no value
    error = None if figure.error is None else float(figure.error(source))
    remark = "" if figure.remark is None else figure.remark(source)
    return Reading(figure, value, error, earlier, remark=remark)


def read_all(
    figures: Sequence[Figure[T]],
    source: T | NotApplicable,
    before: T | NotApplicable | None = None,
) -> list[Reading]:
    """Take several figures of the same, see `read`."""
    return [read(figure, source, before) for figure in figures]


def finite(value: float | None) -> float | None:
    """Return a number, ready for JSON: None for infinity and NaN."""
    return value if value is not None and isfinite(value) else None


def _value(figure: Figure[T], source: T | NotApplicable) -> float | NotApplicable:
    if isinstance(source, NotApplicable):
        return source
    try:
        found = figure.take(source)
    except PhotonDenoiseError as error:
        return NotApplicable(str(error))
    return float(found) if isfinite(found) else NotApplicable(figure.undefined)
