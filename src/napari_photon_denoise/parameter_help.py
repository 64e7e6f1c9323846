"""Declared parameters as text of a docstring, so that Python's `help` has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill, indent

from napari_photon_denoise.parameter_kinds import ChoiceParameter, NumberParameter, Parameter

WIDTH = 96


def parameter_section(parts: Sequence[Parameter]) -> str:
    """Write the section "Parameters" of a numpy docstring; empty without parameters.

    Parameters
    ----------
    parts : sequence of Parameter
    """
    if not parts:
        return ""
    return "\n".join(["Parameters", "----------", *(line for part in parts for line in _of(part))])


def _of(part: Parameter) -> Iterator[str]:
    is_value = not isinstance(part, NumberParameter) and part.default is not None
    default = repr(part.default) if is_value else part.default_text
    yield f"{part.name} : {_kind(part)}, default {default}"
    yield _indented(part.text)
    if isinstance(part, ChoiceParameter):
        for name, text in part.options.items():
            yield _indented(f"{name}: {text}" if text else name, more="  ")


def _kind(part: Parameter) -> str:
    if isinstance(part, NumberParameter):
        word = "whole number" if part.kind is int else "number"
        many = f"{word}s" if part.row else word
        return f"{many} from {part.range_text} {part.unit}".strip()
    if isinstance(part, ChoiceParameter):
        file = f", or a {part.suffix} file" if part.suffix else ""
        return f"one of {', '.join(map(repr, part.options))}{file}"
    return "bool"


def _indented(text: str, more: str = "") -> str:
    lines = (fill(line, WIDTH - 8, subsequent_indent=more) for line in text.splitlines())
    return indent("\n".join(lines), "    ")
