"""What an earlier version had is there: words of the command line, names of Python and napari."""

import json
from pathlib import Path

from surface import surface

import napari_photon_denoise as npd

BEFORE = Path(__file__).parent / "files" / "surface.json"


def lost(before, now, place=""):
    """Say what was there and is not, or is another; what is new is no loss."""
    if not isinstance(before, dict):
        return [] if before == now else [f"{place}: {before!r} is now {now!r}"]
    gone = [f"{place}/{name}" for name in before if name not in now]
    both = (lost(before[name], now[name], f"{place}/{name}") for name in before if name in now)
    return gone + [one for some in both for one in some]


def test_no_word_name_or_default_that_users_know_is_gone():
    manifest = Path(npd.__file__).with_name("napari.yaml")
    now = json.loads(json.dumps(surface(manifest)))
    assert lost(json.loads(BEFORE.read_text(encoding="utf-8")), now) == []


def test_a_loss_is_told():
    before = {"words": {"--a": {"rule": 1}, "--b": {}}, "names": {"x": ["POSITIONAL", ""]}}
    now = {"words": {"--a": {"rule": 2}, "--c": {}}, "names": {"x": ["KEYWORD", ""]}}
    assert lost(before, before | {"more": {}}) == []
    assert lost(before, now) == [
        "/words/--b",
        "/words/--a/rule: 1 is now 2",
        "/names/x: ['POSITIONAL', ''] is now ['KEYWORD', '']",
    ]
