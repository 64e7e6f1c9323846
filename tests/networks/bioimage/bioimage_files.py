"""Packages in tests: read, and spoilt."""

import zipfile

import yaml


def contents(path):
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def rdf_of(path):
    return yaml.safe_load(contents(path)["rdf.yaml"])


def rewrite(path, **changed):
    """Write a package anew with other contents of some files; None leaves one out."""
    files = contents(path) | {name.replace("__", "."): part for name, part in changed.items()}
    with zipfile.ZipFile(path, "w") as package:
        for name, part in files.items():
            if part is not None:
                package.writestr(name, part)


def changed_rdf(path, change):
    said = rdf_of(path)
    change(said)
    rewrite(path, rdf__yaml=yaml.safe_dump(said))
