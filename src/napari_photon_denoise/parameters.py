"""How a method declares its parameters: once, for form, command line, recipe and docs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo

from napari_photon_denoise.errors import PhotonDenoiseError, one_sentence


class Declared(BaseModel):
    """A frozen value whose parameters are declared, and which refuses what it does not know.

    Raises
    ------
    PhotonDenoiseError
        If a parameter is unknown or out of range; one sentence says which.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**{name: _plain(value) for name, value in values.items()})
        except ValidationError as error:
            raise PhotonDenoiseError(one_sentence(error, self.subject())) from None

    @classmethod
    def subject(cls) -> str:
        """Whose parameters they are, in the sentence that refuses one."""
        return str(cls.model_fields["method"].default)

    @field_validator("*")
    @classmethod
    def _check_choice(cls, value: Any, field: ValidationInfo) -> Any:
        name = str(field.field_name)
        if not _is_parameter(name, cls.model_fields[name]):
            return value
        declared = _declared(cls, name, cls.model_fields[name])
        return declared.check(value) if isinstance(declared, ChoiceParameter) else value


def parameter(
    default: Any,
    text: str,
    *,
    unit: str,
    ge: float,
    le: float,
    step: float = 1,
    digits: int | None = None,
) -> Any:
    """Declare a number.

    Parameters
    ----------
    default : number or None
        None for one that need not be said; annotate it as `int | None` or `float | None`.
    text : str
        One line of help, for a microscopist.
    unit : str
        "px", "planes" and so on; empty for a pure number.
    ge, le : float
        Smallest and largest value.
    step : float
        What one click changes in a form.
    digits : int, optional
        Decimals in a form; None for as many as step and smallest value need.
    """
    extra: dict[str, Any] = {"unit": unit, "step": step, "digits": digits}
    return Field(default, ge=ge, le=le, description=text, json_schema_extra=extra)


def choice(default: str, text: str, *, options: Mapping[str, str], suffix: str = "") -> Any:
    """Declare a choice of named options; annotate it as `str`.

    Parameters
    ----------
    default : str
    text : str
        One line of help, for a microscopist.
    options : mapping of str to str
        What can be chosen, and a line of help for each.
    suffix : str
        Ending of the files that may be named instead, such as ".safetensors"; empty if
        only the options will do. A file's path is made absolute, so that a recipe finds it
        from anywhere; whether it is there is for who opens it to say.
    """
    if default not in options:
        raise TypeError(f"The default '{default}' must be one of {', '.join(options)}.")
    extra: dict[str, Any] = {"options": dict(options), "suffix": suffix}
    return Field(default, description=text, json_schema_extra=extra)


def switch(default: bool, text: str) -> Any:
    """Declare a switch; annotate it as `bool`.

    Parameters
    ----------
    default : bool
    text : str
        One line of help, for a microscopist.
    """
    return Field(default, description=text, json_schema_extra={"switch": True})


def record(text: str, default: Any = "") -> Any:
    """Declare what is recorded and is neither number, choice nor switch.

    Parameters
    ----------
    text : str
        What it is.
    default : any
    """
    return Field(default, description=text, json_schema_extra={"record": True})


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

    @property
    def flag(self) -> str:
        """Name on the command line."""
        return _flag(self.name)

    @property
    def default_text(self) -> str:
        """For people, such as "3 px"."""
        return "none" if self.default is None else f"{self.default} {self.unit}".strip()

    @property
    def range_text(self) -> str:
        """For people, such as "1 to 63"."""
        return f"{self.ge:g} to {self.le:g}"

    def words(self, value: float) -> list[str]:
        """Say a value on the command line."""
        return [self.flag, repr(value)]


@dataclass(frozen=True)
class ChoiceParameter:
    """A choice as it was declared.

    Parameters
    ----------
    name, text, default : str
    options : mapping of str to str
        What can be chosen, and a line of help for each.
    suffix : str
        Ending of the files that may be named instead; empty for none.
    """

    name: str
    text: str
    default: str
    options: Mapping[str, str]
    suffix: str

    @property
    def flag(self) -> str:
        """Name on the command line."""
        return _flag(self.name)

    @property
    def default_text(self) -> str:
        """For people."""
        return self.default

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
        if value in self.options:
            return value
        if self.suffix and value.lower().endswith(self.suffix):
            return str(Path(value).expanduser().absolute())
        raise ValueError(f"must be {self.range_text}")


@dataclass(frozen=True)
class SwitchParameter:
    """A switch as it was declared.

    Parameters
    ----------
    name, text : str
    default : bool
    """

    name: str
    text: str
    default: bool

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


def declared_parameters(kind: type[Declared]) -> tuple[Parameter, ...]:
    """Return the parameters of a kind, in the order of their declaration.

    Forms, flags and tables are made from this.
    """
    return tuple(
        _declared(kind, name, field)
        for name, field in kind.model_fields.items()
        if _is_parameter(name, field)
    )


def declared_numbers(kind: type[Declared]) -> dict[str, NumberParameter]:
    """Return those parameters of a kind that are numbers, by name."""
    parts = declared_parameters(kind)
    return {part.name: part for part in parts if isinstance(part, NumberParameter)}


def _is_parameter(name: str, field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return name != "method" and not (isinstance(extra, dict) and "record" in extra)


def _declared(owner: type[Declared], name: str, field: FieldInfo) -> Parameter:
    """One parameter, of the kind that it was declared as."""
    extra: Any = field.json_schema_extra
    text = field.description or ""
    if isinstance(extra, dict) and "options" in extra:
        return ChoiceParameter(name, text, field.default, extra["options"], extra["suffix"])
    if isinstance(extra, dict) and "switch" in extra:
        return SwitchParameter(name, text, field.default)
    limits = {
        rule: getattr(part, rule)
        for part in field.metadata
        for rule in ("ge", "le")
        if hasattr(part, rule)
    }
    kind = _kind(field.annotation)
    if not isinstance(extra, dict) or kind not in (int, float) or len(limits) != 2:
        raise TypeError(
            f"{owner.__name__}.{name} must be declared with parameter(), choice() or switch()."
        )
    unit, step, digits = extra["unit"], extra["step"], extra["digits"]
    low, high = limits["ge"], limits["le"]
    return NumberParameter(name, text, unit, field.default, low, high, step, kind, digits)


def _kind(annotation: Any) -> Any:
    """Return `int` of `int | None`, `float` of `float | None`, anything else as it is."""
    kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
    return kinds[0] if len(kinds) == 1 else annotation


def _plain(value: Any) -> Any:
    """Turn a path into the text that a choice holds."""
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _odd(value: int) -> int:
    if value % 2 == 0:
        raise ValueError(f"must be odd, such as {value + 1}")
    return value


Odd = Annotated[int, AfterValidator(_odd)]
