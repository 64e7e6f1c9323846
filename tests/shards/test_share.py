import threading
import time
from itertools import chain

import numpy as np
import pytest
import zarr

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.lock import held
from napari_photon_denoise.job import run
from napari_photon_denoise.shards.finish import finish_store_job, kept_parts
from napari_photon_denoise.shards.job import Share


@pytest.mark.parametrize("of", [1, 3, 64])
def test_shares_are_all_and_apart(of):
    taken = [Share(number, of).take(range(20)) for number in range(1, of + 1)]
    assert sorted(chain.from_iterable(taken)) == [*range(20)]


@pytest.mark.parametrize(("number", "of"), [(0, 4), (5, 4), (1, 0)])
def test_shares_that_are_none(number, of):
    with pytest.raises(PhotonDenoiseError, match=f"no share {number}/{of}"):
        Share(number, of)


def test_shares_and_what_is_missing(tmp_path, denoise):
    store = tmp_path / "it.ome.zarr"
    assert kept_parts(store) is None
    first = denoise(store.name, share=Share(1, 2)).parts
    assert (first.new, first.again) == (first.missing, 0)
    assert kept_parts(store) == (first.new, first.new + first.missing)
    with pytest.raises(PhotonDenoiseError, match=r"is not complete: .* not done.*\(2, 4, 6"):
        run(finish_store_job(store))
    again = denoise(store.name, share=Share(1, 2)).parts
    assert (again.new, again.again) == (0, first.new)
    second = denoise(store.name, share=Share(2, 2)).parts
    assert (second.new, second.missing) == (first.missing, 0)
    assert run(finish_store_job(store)) == (store,)
    assert denoise(store.name).state == "skipped"
    denoise("whole.ome.zarr")
    whole = zarr.open(tmp_path / "whole.ome.zarr" / "0")[:]
    np.testing.assert_array_equal(zarr.open(store / "0")[:], whole)


def test_a_share_waits_for_the_one_that_gets_ready(tmp_path, denoise, monkeypatch):
    """Which may learn for an hour."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    store = tmp_path / "it.ome.zarr"
    holding, waited = threading.Event(), threading.Event()

    def hold():
        with held(store):
            holding.set()
            waited.wait(0.5)

    holder = threading.Thread(target=hold)
    holder.start()
    holding.wait()
    assert denoise(store.name, share=Share(1, 2)).parts.new
    holder.join()


def test_nothing_was_begun(tmp_path):
    with pytest.raises(PhotonDenoiseError, match="There are no records of"):
        run(finish_store_job(tmp_path / "it.ome.zarr"))
    with pytest.raises(PhotonDenoiseError, match="There is no folder"):
        run(finish_store_job(tmp_path / "none" / "it.ome.zarr"))
