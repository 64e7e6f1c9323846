"""The readers against files of other programs' writers."""

from __future__ import annotations

import numpy as np
import pytest
from other_writers import CASES

from napari_photon_denoise.io import read


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.writer}, {case.layout}")
def test_what_other_programs_write_is_read(tmp_path, case):
    path = tmp_path / f"cells{case.ending}"
    if case.writer == "ome-types":
        pytest.importorskip("ome_types")
    case.write(path)
    with read(path, axes=case.asked) as image:
        assert image.axes == case.axes
        assert image.pixel_size == pytest.approx(dict(case.size))
        assert image.channel_names == case.channels
        assert image.data.dtype == np.dtype(case.dtype)
        np.testing.assert_array_equal(image.data.compute(), case.data)
        assert image.notes == ()
