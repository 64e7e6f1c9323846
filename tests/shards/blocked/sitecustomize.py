"""A Python in which a package is missing, or another version: named in LACKS, as name or name=1.2.

It stands for another installation: of a computer of a cluster.
"""

import os
import sys
from importlib import metadata

NAME, _, VERSION = os.environ.get("LACKS", "").partition("=")
_version = metadata.version


class Missing:
    """Finds what is missing first."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == NAME.replace("-", "_"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def version(name):
    if name != NAME:
        return _version(name)
    if VERSION:
        return VERSION
    raise metadata.PackageNotFoundError(name)


if NAME:
    metadata.version = version
    if not VERSION:
        sys.meta_path.insert(0, Missing())
