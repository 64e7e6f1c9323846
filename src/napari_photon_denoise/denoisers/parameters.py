"""How a method declares its parameters: once, for form, command line, recipe and docs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from napari_photon_denoise.errors import PhotonDenoiseError, one_sentence


class Method(BaseModel):
    """Base of every method: a frozen value that refuses what it does not know.

    Raises
    ------
    PhotonDenoiseError
        If a parameter is unknown or out of range; one sentence says which.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    title: ClassVar[str]

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            name = type(self).model_fields["method"].default
            raise PhotonDenoiseError(one_sentence(error, name)) from None


def parameter(default: Any, text: str, *, unit: str, ge: float, le: float, step: float = 1) -> Any:
    """Declare a parameter.

    Parameters
    ----------
    default : number
    text : str
        One line of help, for a microscopist.
    unit : str
        "px", "planes" and so on; empty for a pure number.
    ge, le : float
        Smallest and largest value.
    step : float
        What one click changes in a form.
    """
    extra: dict[str, Any] = {"unit": unit, "step": step}
    return Field(default, ge=ge, le=le, description=text, json_schema_extra=extra)


@dataclass(frozen=True)
class Parameter:
    """One parameter as it was declared; forms, flags and tables are made from this.

    Parameters
    ----------
    name, unit, text : str
    default, ge, le, step : float
        Default, smallest and largest value, and one click of a form.
    kind : {int, float}
    """

    name: str
    text: str
    unit: str
    default: float
    ge: float
    le: float
    step: float
    kind: type[int] | type[float]

    @property
    def flag(self) -> str:
        """Name on the command line."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def default_with_unit(self) -> str:
        """For people, such as "3 px"."""
        return f"{self.default} {self.unit}".strip()


def declared_parameters(method: type[Method]) -> tuple[Parameter, ...]:
    """Return the parameters of a method, in the order of their declaration."""
    found = []
    for name, declared in method.model_fields.items():
        if name == "method":
            continue
        extra = declared.json_schema_extra
        limits = {
            rule: getattr(part, rule)
            for part in declared.metadata
            for rule in ("ge", "le")
            if hasattr(part, rule)
        }
        kind = declared.annotation
        if not isinstance(extra, dict) or kind not in (int, float) or len(limits) != 2:
            raise TypeError(f"{method.__name__}.{name} must be declared with parameter().")
        found.append(
            Parameter(
                name,
                declared.description or "",
                str(extra["unit"]),
                declared.default,
                limits["ge"],
                limits["le"],
                float(str(extra["step"])),
                kind,
            )
        )
    return tuple(found)


def _odd(value: int) -> int:
    if value % 2 == 0:
        raise ValueError(f"must be odd, such as {value + 1}")
    return value


Odd = Annotated[int, AfterValidator(_odd)]
