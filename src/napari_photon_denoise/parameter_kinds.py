"""The kinds of parameters, as declared: form, flag, table and recipe are made from them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_photon_denoise.words import counted


@dataclass(frozen=True)
class NumberParameter:
    """A number as it was declared.

    Parameters
    ----------
    name, unit, text : str
    default : float or None
        None where it need not be said.
    ge, le, step : float
        Smallest and largest value, and one click of a form.
    kind : {int, float}
    digits : int, optional
        Decimals in a form; None for as many as step and smallest value need.
    chosen : str
        What None is chosen to be.
    row : bool
        Whether there are several of them.
    """

    name: str
    text: str
    unit: str
    default: float | None
    ge: float
    le: float
    step: float
    kind: type[int] | type[float]
    digits: int | None = None
    chosen: str = ""
    row: bool = False

    @property
    def flag(self) -> str:
        """Name on the command line."""
        return _flag(self.name)

    @property
    def default_text(self) -> str:
        """For people, such as "3 px"."""
        if self.default is None:
            return self.chosen or "none"
        return counted(self.default, self.unit)

    @property
    def range_text(self) -> str:
        """For people, such as "1 to 63"."""
        return f"{self.ge:g} to {self.le:g}"

    def words(self, value: float) -> list[str]:
        """Say a value on the command line."""
        return [self.flag, repr(value)]

    def check(self, value: Any) -> Any:
        """Return a value as it is; each of a row must be in the range.

        Raises
        ------
        ValueError
            If one is not.
        """
        if self.row and not all(self.ge <= one <= self.le for one in value):
            raise ValueError(f"must be {self.range_text} each")
        return value


@dataclass(frozen=True)
class ChoiceParameter:
    """A choice as it was declared.

    Parameters
    ----------
    name, text : str
    default : str or None
    options : mapping of str to str
        What can be chosen, and a line of help for each.
    suffix : str
        Ending of the files that may be named instead; empty for none.
    chosen : str
        What None is chosen to be; whoever reads a file then looks for it.
    """

    name: str
    text: str
    default: str | None
    options: Mapping[str, str]
    suffix: str
    chosen: str = ""

    @property
    def flag(self) -> str:
        """Name on the command line."""
        return _flag(self.name)

    @property
    def default_text(self) -> str:
        """For people."""
        return self.chosen if self.default is None else self.default

    @property
    def range_text(self) -> str:
        """For people, such as "one of auto, sharp, or a .safetensors file"."""
        file = f", or a {self.suffix} file" if self.suffix else ""
        return f"one of {', '.join(self.options)}{file}"

    def words(self, value: str) -> list[str]:
        """Say a value on the command line."""
        return [self.flag, value]

    def check(self, value: str) -> str:
        """Return an option as it is, a file as its absolute path.

        Raises
        ------
        ValueError
            If it is neither.
        """
        if value in self.options or self.chosen:
            return value
        if self.suffix and value.lower().endswith(self.suffix):
            path = Path(value)
            with suppress(RuntimeError):  # "~x" may be a name, and no user's home
                path = path.expanduser()
            return str(path.absolute())
        raise ValueError(f"must be {self.range_text}")


@dataclass(frozen=True)
class SwitchParameter:
    """A switch as it was declared.

    Parameters
    ----------
    name, text : str
    default : bool
    label : str
        What a form calls it; empty for its name.
    """

    name: str
    text: str
    default: bool
    label: str = ""

    @property
    def flag(self) -> str:
        """Name on the command line."""
        return _flag(self.name)

    @property
    def default_text(self) -> str:
        """For people."""
        return "on" if self.default else "off"

    @property
    def range_text(self) -> str:
        """For people."""
        return "on or off"

    def words(self, value: bool) -> list[str]:
        """Say a value on the command line."""
        return [self.flag if value else _flag(f"no_{self.name}")]


Parameter = NumberParameter | ChoiceParameter | SwitchParameter


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
