"""What users have in their scripts and habits: words, names, signatures, window commands."""

import argparse
import inspect

import yaml

import napari_photon_denoise as npd
from napari_photon_denoise.cli.commands import make_parser
from napari_photon_denoise.denoisers import METHODS
from napari_photon_denoise.networks.learning.recipes import recipe_names


def surface(manifest):
    """Return it as JSON has it; `manifest` is the path of napari.yaml."""
    return {
        "commands": dict(commands(make_parser())),
        "python": {name: signature(getattr(npd, name)) for name in npd.__all__},
        "methods": {name: parameters(kind) for name, kind in METHODS.items()},
        "training recipes": {name: {} for name in recipe_names()},
        "napari": contributions(yaml.safe_load(manifest.read_text(encoding="utf-8"))),
    }


def commands(parser, before=()):
    """Yield each command with its words, and what follows each word."""
    words, place = {}, 0
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield from commands(below, (*before, name))
        elif not isinstance(action, argparse._HelpAction):
            place += not action.option_strings
            for word in action.option_strings or [f"argument {place}"]:
                words[word] = what_follows(action)
    yield " ".join(before), words


def what_follows(action):
    """Return what argparse asks after a word."""
    kind = type(action).__name__.strip("_")
    said = f"{kind} nargs={action.nargs} default={action.default!r} required={action.required}"
    return {"rule": said, "choices": {str(choice): {} for choice in action.choices or ()}}


def signature(named):
    """Return parameters with defaults; a class of methods or an error has none of its own."""
    if inspect.isclass(named) and issubclass(named, Exception):
        return {}
    if hasattr(named, "model_fields"):
        return parameters(named)
    return {
        name: [part.kind.name, "" if part.default is part.empty else repr(part.default)]
        for name, part in inspect.signature(named).parameters.items()
    }


def parameters(kind):
    """Return a method's parameters, as recipes have them, with defaults."""
    return {name: plain(field.default) for name, field in kind.model_fields.items()}


def contributions(manifest):
    """Return ids that users' key bindings and settings name, and titles in menus."""
    said = manifest["contributions"]
    return {
        "commands": {one["id"]: {} for one in said["commands"]},
        "widgets": {one["display_name"]: one["command"] for one in said["widgets"]},
        "samples": {one["key"]: one["command"] for one in said["sample_data"]},
        "menus": {
            f"{place}: {one.get('command') or one['submenu']}": {}
            for place, entries in said["menus"].items()
            for one in entries
        },
        "settings": {
            f"{group}.{name}": one["default"]
            for group, part in said["configurations"].items()
            for name, one in part["properties"].items()
        },
    }


def plain(value):
    """Return a value as JSON has it; what JSON has not as text."""
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
