"""Lists of numeric arrays in a pickle, read without running it.

A pickle is a program: Python's own reader calls what it names, with arguments that it brings
along, and even ``numpy.ndarray`` corrupts memory with the wrong ones. Here its opcodes are gone
through by hand. What it would call is written down and never called; where the note has the form
in which NumPy saves arrays, their type and shape are checked against the bytes that are there,
and the bytes are taken. Everything else is refused.
"""

from __future__ import annotations

import math
import pickle
import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ARRAY_TYPE = ("numpy", "ndarray")
DTYPE = ("numpy", "dtype")
ENCODE = ("_codecs", "encode")
# NumPy 1 and 2 have them in modules of other names.
MAKE, SCALAR, FROM_BUFFER = (
    {(f"numpy.{core}.{module}", name) for core in ("core", "_core")}
    for module, name in (
        ("multiarray", "_reconstruct"),
        ("multiarray", "scalar"),
        ("numeric", "_frombuffer"),
    )
)
KINDS = "iuf"  # of arrays: integers and floats
DEEPEST = 2  # lists in lists
MOST = 10_000  # instructions; a calibration has some hundred


class RefusedPickle(pickle.UnpicklingError):
    """A pickle that asks for more than plain arrays of numbers."""


@dataclass(frozen=True)
class _Name:
    """A function or class that the pickle names."""

    module: str
    name: str

    def __str__(self) -> str:
        return ascii(f"{self.module}.{self.name}")[1:80].removesuffix("'")


@dataclass(eq=False)
class _Call:
    """A call that the pickle asks for, and the state that it then hands to the result."""

    of: _Name
    arguments: tuple[Any, ...]
    state: Any = None


class _Mark:
    """Where on the stack a collection begins."""


def load_arrays(data: bytes) -> Any:
    """Read a pickle of numbers, arrays of numbers, and lists of them.

    Parameters
    ----------
    data : bytes
        What follows the pickle's end is passed over.

    Returns
    -------
    number, array, or list of these
        An array of objects is a list here.

    Raises
    ------
    RefusedPickle
        If it names anything but what plain arrays are made of.
    ValueError, IndexError, KeyError, TypeError
        If it is damaged.
    """
    return _plain(_run(data))


def _run(data: bytes) -> Any:
    """Go through the opcodes; return what lies on the stack at the end."""
    stack: list[Any] = []
    memo: dict[Any, Any] = {}
    argument: Any
    for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
        name = opcode.name
        if count > MOST:
            raise RefusedPickle("it is longer than a calibration's")
        if name == "STOP":
            return stack.pop()
        if name in ("PROTO", "FRAME"):
            continue
        if name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in _VALUES:
            stack.append(argument)
        elif name in _STEPS:
            _STEPS[name](stack)
        elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
            memo[argument] = stack[-1]
        elif name == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(memo[argument])
        elif name == "GLOBAL":
            stack.append(_Name(*argument.split(" ", 1)))
        else:
            raise RefusedPickle(f"the instruction {name} is not allowed")
    raise ValueError("a pickle without an end")


_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_VALUES = {
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "FLOAT", "BINFLOAT",
    "STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8",
    "BYTEARRAY8", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
}  # fmt: skip


def _since_mark(stack: list[Any]) -> list[Any]:
    """Take what was put on the stack since the last mark."""
    items: list[Any] = []
    while not isinstance(item := stack.pop(), _Mark):
        items.append(item)
    return items[::-1]


def _append(stack: list[Any], items: list[Any]) -> None:
    if not isinstance(stack[-1], list):
        raise ValueError("something is appended to what is no list")
    stack[-1].extend(items)


def _last(count: int) -> Callable[[list[Any]], None]:
    def step(stack: list[Any]) -> None:
        items = [stack.pop() for _ in range(count)][::-1]
        stack.append(tuple(items))

    return step


def _name_from_stack(stack: list[Any]) -> None:
    name, module = stack.pop(), stack.pop()
    if not isinstance(name, str) or not isinstance(module, str):
        raise ValueError("a name that is no text")
    stack.append(_Name(module, name))


def _call(stack: list[Any]) -> None:
    """Write down a call; bytes that protocols before 3 wrap in one are taken out at once."""
    arguments, of = stack.pop(), stack.pop()
    if not isinstance(of, _Name) or not isinstance(arguments, tuple):
        raise ValueError("a call of what is no name")
    if (of.module, of.name) == ENCODE:
        text, encoding = arguments
        if encoding != "latin1" or not isinstance(text, str):
            raise RefusedPickle(f"{of} is not allowed with these arguments")
        stack.append(text.encode("latin1"))
    else:
        stack.append(_Call(of, arguments))


def _build(stack: list[Any]) -> None:
    state = stack.pop()
    if not isinstance(stack[-1], _Call) or stack[-1].state is not None:
        raise ValueError("a state for what was not made")
    stack[-1].state = state


_STEPS: dict[str, Callable[[list[Any]], None]] = {
    "MARK": lambda stack: stack.append(_Mark()),
    "POP": lambda stack: stack.pop(),
    "EMPTY_LIST": lambda stack: stack.append([]),
    "LIST": lambda stack: stack.append(_since_mark(stack)),
    "APPEND": lambda stack: _append(stack, [stack.pop()]),
    "APPENDS": lambda stack: _append(stack, _since_mark(stack)),
    "TUPLE": lambda stack: stack.append(tuple(_since_mark(stack))),
    "TUPLE1": _last(1),
    "TUPLE2": _last(2),
    "TUPLE3": _last(3),
    "STACK_GLOBAL": _name_from_stack,
    "REDUCE": _call,
    "BUILD": _build,
}


def _plain(item: Any, depth: int = 0) -> Any:
    """Turn what was written down into numbers, arrays and lists."""
    if isinstance(item, list | tuple):
        if depth > DEEPEST:
            raise RefusedPickle("lists are nested deeper than a calibration's")
        return [_plain(each, depth + 1) for each in item]
    if isinstance(item, _Call):
        return _value(item, depth)
    if isinstance(item, _Name):
        raise RefusedPickle(f"{item} is not allowed")
    if isinstance(item, int | float):
        return item
    raise RefusedPickle(f"it holds {type(item).__name__}")


def _value(call: _Call, depth: int) -> Any:
    """Return the array or number that NumPy would make."""
    of = (call.of.module, call.of.name)
    if of in MAKE:
        made = call.arguments[0]
        if not isinstance(made, _Name) or (made.module, made.name) != ARRAY_TYPE:
            raise RefusedPickle(f"{made} is not allowed")
        _, shape, dtype, is_fortran, data = call.state
        if isinstance(data, list) and _is_object(dtype):
            return _plain(data, depth)
        return _array(data, _dtype(dtype), shape, "F" if is_fortran else "C")
    if of in FROM_BUFFER:
        data, dtype, shape, order = call.arguments
        return _array(data, _dtype(dtype), shape, order)
    if of in SCALAR:
        dtype, data = call.arguments
        return _array(data, _dtype(dtype), (), "C").item()
    raise RefusedPickle(f"{call.of} is not allowed")


def _array(data: Any, dtype: np.dtype[Any], shape: Any, order: Any) -> NDArray[Any]:
    """Make an array of bytes that are there."""
    if isinstance(data, str):  # Python 2 had no bytes
        data = data.encode("latin1")
    sizes = isinstance(shape, tuple) and all(type(size) is int and size >= 0 for size in shape)
    if not sizes or not isinstance(data, bytes | bytearray) or order not in ("C", "F"):
        raise ValueError("an array without shape or bytes")
    if math.prod(shape) * dtype.itemsize != len(data):
        raise ValueError("an array of another size than its bytes")
    return np.frombuffer(data, dtype).reshape(shape, order=order)


def _is_object(dtype: Any) -> bool:
    return isinstance(dtype, _Call) and dtype.arguments[:1] in (("O8",), ("O4",), ("O",))


def _dtype(call: Any) -> np.dtype[Any]:
    """Return the type of numbers that a call of ``numpy.dtype`` stands for."""
    if not isinstance(call, _Call) or (call.of.module, call.of.name) != DTYPE:
        raise ValueError("an array without a type")
    code = call.arguments[0]
    if not isinstance(code, str) or len(code) != 2 or code[0] not in KINDS:
        raise RefusedPickle(f"arrays of type {code!s:.20} are not allowed")
    order = call.state[1] if call.state is not None else "="
    if order not in ("<", ">", "|", "="):
        raise ValueError("an array of no byte order")
    return np.dtype(order + code)
