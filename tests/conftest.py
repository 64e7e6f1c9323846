import os
import signal

import numpy as np
import pytest

from napari_photon_denoise.calibration import Calibration


def pytest_configure():
    """One thread for torch, here and in processes that tests start; signals as in a terminal.

    The networks are tiny here: threads cost more than they save, and on a busy machine, where
    they wait for each other, twenty times as much.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # Who starts the tests in the background (nohup, a shell's "&") has these ignored, which the
    # program respects: here they are to stop it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def rng():
    return np.random.default_rng(1)


@pytest.fixture
def camera():
    return Calibration(gain=0.5, offset=100, read_noise=1.5)


@pytest.fixture
def map_camera(rng):
    shape = (40, 50)
    return Calibration(
        gain=rng.uniform(0.4, 0.6, shape),
        offset=rng.uniform(95, 105, shape),
        read_noise=rng.uniform(1, 3, shape),
        gain_sd=0.01,
        source="measured",
        camera="test camera",
        serial="7",
        mode="16-bit",
        roi=(8, 16, 40, 50),
    )
