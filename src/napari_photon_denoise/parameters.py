"""How a method declares its parameters: once, for form, command line, recipe and docs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from inspect import cleandoc
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
from napari_photon_denoise.parameter_help import parameter_section
from napari_photon_denoise.parameter_kinds import (
    ChoiceParameter,
    NumberParameter,
    Parameter,
    SwitchParameter,
)


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
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Tell `help` of the parameters; from the declarations, so that there is one of each."""
        if cls.__doc__:
            section = parameter_section(declared_parameters(cls))
            cls.__doc__ = f"{cleandoc(cls.__doc__)}\n\n{section}".strip() + "\n"

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
        if value is None or isinstance(declared, SwitchParameter):
            return value
        return declared.check(value)


def parameter(
    default: Any,
    text: str,
    *,
    unit: str,
    ge: float,
    le: float,
    step: float = 1,
    digits: int | None = None,
    chosen: str = "",
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
    chosen : str
        What None is chosen to be, such as "96 px; 3-D: 64".
    """
    extra: dict[str, Any] = {"unit": unit, "step": step, "digits": digits, "chosen": chosen}
    extra |= {"ge": ge, "le": le}
    return Field(default, ge=ge, le=le, description=text, json_schema_extra=extra)


def row(text: str, *, unit: str, ge: int, le: int, chosen: str) -> Any:
    """Declare a row of whole numbers that need not be said; annotate it as a tuple or None.

    Parameters
    ----------
    text, unit, chosen : str
    ge, le : int
        Smallest and largest of them; all as for `parameter`.
    """
    extra: dict[str, Any] = {"unit": unit, "step": 1, "ge": ge, "le": le, "chosen": chosen}
    return Field(None, description=text, json_schema_extra=extra | {"row": True})


def choice(
    default: str | None,
    text: str,
    *,
    options: Mapping[str, str],
    suffix: str = "",
    chosen: str = "",
) -> Any:
    """Declare a choice of named options; annotate it as `str`, or as a literal of them.

    Parameters
    ----------
    default : str or None
    text : str
        One line of help, for a microscopist.
    options : mapping of str to str
        What can be chosen, and a line of help for each.
    suffix : str
        Ending of the files that may be named instead, such as ".safetensors"; empty if
        only the options will do. A file's path is made absolute, so that a recipe finds it
        from anywhere; whether it is there is for who opens it to say.
    chosen : str
        What None is chosen to be. What is named is then kept as it is, for who opens it to say.
    """
    if default not in options and not (default is None and chosen):
        raise TypeError(f"The default '{default}' must be one of {', '.join(options)}.")
    extra: dict[str, Any] = {"options": dict(options), "suffix": suffix, "chosen": chosen}
    return Field(default, description=text, json_schema_extra=extra)


def switch(default: bool, text: str, *, label: str = "") -> Any:
    """Declare a switch; annotate it as `bool`.

    Parameters
    ----------
    default : bool
    text : str
        One line of help, for a microscopist.
    label : str
        What a form calls it, where its name would not do.
    """
    return Field(default, description=text, json_schema_extra={"switch": True, "label": label})


def record(text: str, default: Any = "") -> Any:
    """Declare what is recorded and is neither number, choice nor switch.

    Parameters
    ----------
    text : str
        What it is.
    default : any
    """
    return Field(default, description=text, json_schema_extra={"record": True})


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
    if name == "method" and extra is None:  # the key of a method
        return False
    return not (isinstance(extra, dict) and "record" in extra)


def _declared(owner: type[Declared], name: str, field: FieldInfo) -> Parameter:
    """One parameter, of the kind that it was declared as."""
    extra: Any = field.json_schema_extra
    text = field.description or ""
    if isinstance(extra, dict) and "options" in extra:
        return ChoiceParameter(name=name, text=text, default=field.default, **extra)
    if isinstance(extra, dict) and "switch" in extra:
        return SwitchParameter(name, text, field.default, extra["label"])
    kind = _kind(field.annotation)
    if not isinstance(extra, dict) or kind not in (int, float) or "unit" not in extra:
        raise TypeError(
            f"{owner.__name__}.{name} must be declared with parameter(), choice() or switch()."
        )
    return NumberParameter(name=name, text=text, default=field.default, kind=kind, **extra)


def _kind(annotation: Any) -> Any:
    """Return `int` of `int | None` and of `tuple[int, ...]`, anything else as it is."""
    kinds = [kind for kind in get_args(annotation) if kind not in (NoneType, Ellipsis)]
    return _kind(kinds[0]) if len(kinds) == 1 else annotation


def _plain(value: Any) -> Any:
    """Turn a path into the text that a choice holds."""
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _odd(value: int) -> int:
    if value % 2 == 0:
        raise ValueError(f"must be odd, such as {value + 1}")
    return value


Odd = Annotated[int, AfterValidator(_odd)]
