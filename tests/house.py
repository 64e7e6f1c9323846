"""The structure of the package in numbers: imports against the order, circles, sizes.

Run ``python tests/house.py``, or with another checkout's folder to compare it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "napari_photon_denoise"
ROOT = Path(__file__).parent.parent

# A place may import what stands in its own line or further down; "" is the package itself.
ORDER = (
    ("__main__", "cli", "widgets"),
    ("", "public"),
    ("api",),
    ("reports",),
    ("evaluation",),
    ("watching",),
    ("arrivals", "files", "file_job", "files_work"),
    ("shards",),
    ("targets",),
    ("inputs", "named_camera", "recipe", "recipe_text"),
    ("settling", "pipeline", "block_task", "tile_task", "tally", "denoisers"),
    ("networks",),
    ("denoiser",),
    ("metrics", "virtual"),
    ("camera",),
    ("kernels", "models"),
    (
        "arrays",
        "counts",
        "held",
        "labelled",
        "photons",
        "hot_pixels",
        "saturation",
        "tile_words",
        "tiles",
    ),
    ("calibration",),
    ("io",),
    ("parameter_help", "parameter_kinds", "parameters"),
    ("axes", "errors", "faults", "job", "pace", "words"),
)
RANK = {place: rank for rank, line in enumerate(ORDER) for place in line}

# They say commands, which have flags.
TYPED = ("__main__", "cli", "recipe_text", "camera.orientation")
FLAG = re.compile(r"(?<![-\w])--[a-z]")

Graph = dict[str, set[str]]


def read_imports(root: Path = ROOT) -> Graph:
    """Return the modules that each module imports, types and inside functions included."""
    source = root / "src" / PACKAGE
    files = {_module(path.relative_to(source)): path for path in source.rglob("*.py")}
    return {
        module: set(_imported(path, files)) - {module} for module, path in sorted(files.items())
    }


def _module(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(path: Path, files: dict[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (name := _inside(node.module or "")) is not None:
            for alias in node.names:
                module = f"{name}.{alias.name}".lstrip(".")
                yield module if module in files else name
        elif isinstance(node, ast.Import):
            yield from (name for one in node.names if (name := _inside(one.name)) is not None)


def _inside(name: str) -> str | None:
    """Name within the package; None for other packages."""
    package, _, rest = name.partition(".")
    return rest if package == PACKAGE else None


def place_of(module: str) -> str:
    """File or folder directly below the package that a module lies in."""
    return module.partition(".")[0]


def against_the_order(graph: Graph) -> list[str]:
    """Imports that run back up, or from one face into the other, each as "importer → imported"."""
    return [
        f"{module} → {other}"
        for module, others in graph.items()
        for other in sorted(others)
        if not _allowed(place_of(module), place_of(other))
    ]


def _allowed(place: str, other: str) -> bool:
    if place == other or place == "__main__":
        return True
    if RANK[place] == 0:
        return RANK[other] > 0
    return RANK[place] <= RANK[other]


def flags_in_sentences(root: Path = ROOT) -> list[str]:
    """Return sentences of the core that name flags, which neither windows nor Python have.

    Each as "module: text". What is made to be typed into a terminal may.
    """
    source = root / "src" / PACKAGE
    found = []
    for path in sorted(source.rglob("*.py")):
        module = _module(path.relative_to(source))
        if place_of(module) in TYPED or module in TYPED:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if is_text and FLAG.search(node.value):
                found.append(f"{module}: {node.value}")
    return found


def find_circles(graph: Graph) -> list[list[str]]:
    """Modules that import each other, directly or through others; Tarjan's algorithm."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    circles: list[list[str]] = []

    def visit(module: str) -> None:
        index[module] = low[module] = len(index)
        stack.append(module)
        for other in graph.get(module, ()):
            if other not in index:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], index[other])
        if low[module] == index[module]:
            at = stack.index(module)
            circle, stack[at:] = sorted(stack[at:]), []
            if len(circle) > 1:
                circles.append(circle)

    sys.setrecursionlimit(10_000)
    for module in graph:
        if module not in index:
            visit(module)
    return circles


def count_parameters(root: Path, folder: str, most: int = 8) -> list[str]:
    """Functions of more than `most` parameters, each as "file:line name (number)"."""
    found = []
    for path in sorted((root / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                given = node.args
                number = len(given.posonlyargs) + len(given.args) + len(given.kwonlyargs)
                if number > most:
                    place = f"{path.relative_to(root)}:{node.lineno}"
                    found.append(f"{place} {node.name} ({number})")
    return found


def report(root: Path = ROOT) -> None:
    """Print all of it."""
    graph = read_imports(root)
    known = all(place_of(module) in RANK for module in graph)
    for folder in ("src", "benchmarks", "tests", "docs"):
        lengths = [
            len(path.read_text(encoding="utf-8").splitlines())
            for path in (root / folder).rglob("*.py")
        ]
        short = sum(length < 60 for length in lengths)
        many = len(count_parameters(root, folder))
        print(
            f"{folder}: {sum(lengths)} lines, {len(lengths)} files, {short} under 60 lines, "
            f"{many} functions of more than 8 parameters"
        )
    circles = find_circles(graph)
    print(f"circles: {[len(circle) for circle in circles]}")
    if known:
        offences = against_the_order(graph)
        print(f"imports against the order: {len(offences)}", *offences, sep="\n  ")
    else:
        print("imports against the order: this checkout has other places")


if __name__ == "__main__":
    report(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
