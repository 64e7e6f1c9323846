"""Units in any spelling, and what a bare 1 means."""

from __future__ import annotations

import pytest

from napari_photon_denoise.io.units import Written, factor, read_sizes

MICROMETRES = ["µm", "\u03bcm", "um", "UM", "micron", "Microns", "micrometers", "micrometre"]
MICROMETRES += ["\\u00B5m", "[µm]", "um.", "㎛", "?m", "\ufffdm"]
# Written as UTF-8, and read as something else.
MICROMETRES += ["Âµm", "Î¼m", "¬µm", "┬╡m", "Ã‚Âµm"]
SPELLED = [
    *((unit, 1) for unit in MICROMETRES),
    *((unit, 1e-3) for unit in ("nm", "NM", "nanometers", "Nanometre")),
    *((unit, 1e-4) for unit in ("Å", "\u212b", "angstrom", "Angstroms")),
    *((unit, 1e3) for unit in ("mm", "MM", "millimeters")),
    *((unit, 25400) for unit in ("in", "inch", "Inches", '"')),
    ("cm", 1e4),
    ("m", 1e6),
    ("pm", 1e-6),
    ("ft", 304800),
    # OME's own, which elsewhere are a thousandth, a link, a pint and a micro-year.
    ("thou", 25.4),
    ("li", 25400 / 12),
    ("pt", 25400 / 72),
    ("ua", 1.495978707e17),
]
TIMES = [
    *((unit, 1) for unit in ("s", "S", "sec", "Sec.", "seconds")),
    *((unit, 1e-3) for unit in ("ms", "msec", "milliseconds", "Milliseconds")),
    *((unit, 1e-6) for unit in ("µs", "us", "usec", "Âµs", "microseconds")),
    *((unit, 60) for unit in ("min", "mins", "minute")),
    *((unit, 3600) for unit in ("h", "hr", "hours")),
    ("d", 86400),
]


@pytest.mark.parametrize(("unit", "length"), SPELLED)
def test_lengths_in_any_spelling(unit, length):
    assert factor(unit, "µm") == pytest.approx(length)


@pytest.mark.parametrize(("unit", "time"), TIMES)
def test_times_in_any_spelling(unit, time):
    assert factor(unit, "s") == pytest.approx(time)


@pytest.mark.parametrize("unit", ["frob", "9**9**9", "kg", "s", "µm/s", "m" * 30, "__import__"])
def test_what_is_no_length(unit):
    assert factor(unit, "µm") is None


def sizes(length="µm", **written):
    return read_sizes(
        {letter: Written(*one) if isinstance(one, tuple) else Written(one, None)
         for letter, one in written.items()},
        length=length,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ({"Z": "1.0", "Y": "1.0", "X": "1.0"}, {}),
        ({"Y": 1.0, "X": 1.0, "T": 1.0}, {}),
        ({"Z": 1.0, "Y": 0.1, "X": 0.1}, {"Z": 1, "Y": 0.1, "X": 0.1}),
        ({"Z": 2, "Y": 1, "X": 1}, {"Z": 2, "Y": 1, "X": 1}),
        ({"Y": (1, "µm"), "X": 1}, {"Y": 1, "X": 1}),
        ({"Y": (1, "µm"), "X": (1, "µm")}, {"Y": 1, "X": 1}),
        ({"Y": 0.1, "X": 0.1, "T": 1.0}, {"Y": 0.1, "X": 0.1, "T": 1}),
        ({"Y": 1, "X": 1, "T": (50, "ms")}, {"T": 0.05}),
        ({"Z": None, "Y": "", "X": 0}, {}),
    ],
)
def test_a_bare_one_says_nothing_only_where_all_are(written, known):
    found = sizes(**written)
    assert found.known == pytest.approx(known)
    assert found.notes == ()


@pytest.mark.parametrize("unit", ["pixel", "Pixels", "px", "reference frame", " "])
def test_who_writes_pixels_knows_no_size(unit):
    assert sizes(X=(0.5, unit), Y=(1, unit), length="") == read_sizes({})


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ({"X": (0.5, "frob")}, "along x is written as '0.5 frob'"),
        ({"Z": ("0,3", "µm")}, "along z is written as '0,3 µm'"),
        ({"Y": "-2"}, "along y is written as '-2 without a unit'"),
        ({"X": ("nan", "µm")}, "not understood: it is left out"),
        ({"X": (1e300, "ly")}, "not understood"),
        ({"T": (3, "frobs")}, "interval between frames is written as '3 frobs'"),
    ],
)
def test_what_is_not_understood_is_said(written, sentence):
    found = sizes(**written)
    assert found.known == {}
    (note,) = found.notes
    assert sentence in note


def test_a_format_without_a_unit_of_its_own():
    found = sizes(X=0.5, length="")
    assert found.known == {}
    assert "without a unit" in found.notes[0]


@pytest.mark.parametrize("unit", ["\\u00C5", "\\u00c5", "\\u212B"])
def test_imagej_escapes_angstrom_as_it_does_micrometres(unit):
    assert factor(unit, "µm") == pytest.approx(1e-4)
