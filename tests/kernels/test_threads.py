import subprocess
import sys

import pytest

from napari_photon_denoise.kernels.threads import each, usable_cpus


def test_every_block_is_done_once():
    done = []
    each(done.append, range(100))
    assert sorted(done) == list(range(100))
    each(done.append, [])
    assert len(done) == 100


def test_an_error_comes_back():
    def fail(block):
        raise ValueError(f"block {block}")

    with pytest.raises(ValueError, match="block 0"):
        each(fail, range(4))


def test_at_least_one_cpu():
    assert usable_cpus() >= 1


def test_what_the_gpu_shares_does_not_import_numba():
    code = (
        "import sys, napari_photon_denoise.kernels.comparators, "
        "napari_photon_denoise.kernels.borders, napari_photon_denoise.kernels.neighbours; "
        "sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
