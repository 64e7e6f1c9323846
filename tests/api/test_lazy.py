"""A lazy result is, to the bit, the one that is made at once; whatever is read of it."""

import pickle
import warnings
import weakref
from importlib.util import find_spec

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise import tiles
from napari_photon_denoise.api import lazy as lazy_module
from napari_photon_denoise.api.lazy import block_chunks
from napari_photon_denoise.block_task import BlockTask
from napari_photon_denoise.denoisers import METHODS, make_denoiser
from quick_learning import LEARNING, QUICK, keep_float32, make_small, make_uncritical
from tiny_models import save_tiny

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")
cloudpickle = pytest.importorskip("cloudpickle")  # dask brings it

CAMERA = npd.Calibration(gain=0.5, offset=100, read_noise=1.5)
BLUR = npd.Gaussian(sigma=1)
DEEP = {
    "box": {"size": 5, "size_z": 3},
    "gaussian": {"sigma": 1.3, "sigma_z": 0.8},
    "median": {"size": 3, "size_z": 3},
    "non-local-means": {"patch": 3, "distance": 3, "patch_z": 3, "distance_z": 1},
}
ALONE = {"non-local-means": {"patch": 3, "distance": 3}}
COLOUR = np.stack([np.arange(256, dtype=np.uint8).reshape(16, 16)] * 3, -1)
NETWORKS = ("resunet", *LEARNING)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Have many blocks of a small image."""
    monkeypatch.setattr(lazy_module, "BLOCK", 64 * 64)
    monkeypatch.setattr(tiles, "VOLUME_TILE", (8, 32, 32))
    monkeypatch.setattr(tiles, "WIDE_TILE", (8, 32, 32))


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Make a denoiser; networks are tiny."""

    def of(method, *, deep):
        if method not in NETWORKS:
            return make_denoiser(method, (DEEP if deep else ALONE).get(method, {}))
        if find_spec("torch") is None:
            pytest.skip("needs torch")
        make_small(monkeypatch)
        make_uncritical(monkeypatch)
        if method in LEARNING and method != "adapted-resunet":
            return make_denoiser(method, QUICK | ({"dimensions": "2.5-D"} if deep else {}))
        model = {"model": save_tiny(tmp_path, planes=3 if deep else 1)}
        return make_denoiser(method, model | (QUICK if method in LEARNING else {}))

    return of


def poisson(rng, shape):
    y, x = np.indices(shape)[-2:]
    light = 60 * (1 + 0.9 * np.sin(y / 3) * np.cos(x / 4))
    return (rng.poisson(light) + 100).astype(np.uint16)


def quietly(*given, **rest):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", npd.PhotonDenoiseWarning)
        return npd.denoise(*given, **rest)


@pytest.mark.parametrize(
    ("method", "deep"),
    [(method, True) for method in METHODS]
    + [(method, False) for method in METHODS if method not in LEARNING],
)
def test_every_method_gives_the_same_to_the_bit(make, method, deep, rng):
    counts = poisson(rng, (11 if deep else 2, 170, 24))
    denoiser = make(method, deep=deep)
    at_once = quietly(counts, CAMERA, denoiser, axes="ZYX", tile=32)
    given = da.from_array(counts, chunks=(5, 33, 15))
    made = quietly(given, CAMERA, denoiser, axes="ZYX", tile=32, lazy=True)
    assert isinstance(made, da.Array)
    assert made.dtype == np.float32
    assert made.npartitions > 1
    np.testing.assert_array_equal(made.compute(), at_once)
    part = (slice(1, 10), slice(50, 150), slice(3, 20))
    sent = pickle.loads(cloudpickle.dumps(made[part]))  # as to another computer
    np.testing.assert_array_equal(sent.compute(scheduler="synchronous"), at_once[part])


@pytest.mark.parametrize(
    ("axes", "along"), [("TCZYX", "Z"), ("TCZYX", "T"), ("TZYX", "Z"), ("TCYX", "T")]
)
def test_any_axes_and_any_depth(tmp_path, monkeypatch, axes, along, rng):
    pytest.importorskip("torch")
    keep_float32(monkeypatch)
    sizes = {"T": 3, "C": 2, "Z": 4, "Y": 70, "X": 20}
    counts = poisson(rng, [sizes[axis] for axis in axes])
    network = npd.Resunet(model=str(save_tiny(tmp_path, planes=3)), neighbours=along.lower())
    denoisers = [network] + [npd.Gaussian(sigma=2, sigma_z=1)] * (along == "Z")
    for denoiser in denoisers:
        at_once = quietly(counts, CAMERA, denoiser, axes=axes, tile=32)
        made = quietly(da.from_array(counts), CAMERA, denoiser, axes=axes, tile=32, lazy=True)
        np.testing.assert_array_equal(made.compute(), at_once)


@pytest.mark.parametrize("units", ["photons", "counts"])
def test_maps_hot_pixels_and_grey_values(units, rng):
    counts = poisson(rng, (2, 70, 130))
    counts[:, ::31, ::32] = 40000  # also where blocks meet
    counts[0, 63, 64] = counts[1, 64, 63] = 50000
    shape = counts.shape[1:]
    camera = npd.Calibration(
        gain=rng.uniform(0.4, 0.6, shape),
        offset=rng.uniform(95, 105, shape),
        read_noise=np.exp(rng.normal(0, 0.8, shape)),
        mends_hot=True,
    )
    for denoiser in (BLUR, npd.Median(size=3)):
        at_once = quietly(counts, camera, denoiser, axes="TYX", tile=32, units=units)
        made = npd.denoise(
            da.from_array(counts), camera, denoiser, axes="TYX", tile=32, units=units, lazy=True
        )
        assert made.dtype == at_once.dtype == (np.float32 if units == "photons" else np.uint16)
        np.testing.assert_array_equal(made.compute(), at_once)


def test_an_estimated_camera_is_that_of_the_call(rng):
    counts = poisson(rng, (200, 180))
    with pytest.warns(npd.PhotonDenoiseWarning, match="No camera was given"):
        made = npd.denoise(da.from_array(counts), None, BLUR, lazy=True)
    np.testing.assert_array_equal(made.compute(), quietly(counts, None, BLUR))


def test_zarr_and_numpy_in_dask_out(tmp_path, rng):
    zarr = pytest.importorskip("zarr")
    counts = poisson(rng, (9, 90, 70))
    at_once = npd.denoise(counts, CAMERA, BLUR, axes="TYX")
    for chunks, shards in (((1, 90, 70), None), ((9, 20, 20), None), ((3, 10, 10), (9, 40, 40))):
        stored = zarr.create_array(
            tmp_path / f"{chunks}", shape=counts.shape, dtype="u2", chunks=chunks, shards=shards
        )
        stored[:] = counts
        made = npd.denoise(stored, CAMERA, BLUR, axes="TYX", lazy=True)
        assert isinstance(made, da.Array)
        np.testing.assert_array_equal(made.compute(), at_once)
    np.save(tmp_path / "a.npy", counts)
    for given in (counts, np.load(tmp_path / "a.npy", mmap_mode="r"), counts.tolist()):
        made = npd.denoise(given, CAMERA, BLUR, axes="TYX", lazy=True)
        np.testing.assert_array_equal(made.compute(), at_once)


def test_a_file_in_memory_only_as_a_map_is_not_copied(tmp_path, monkeypatch):
    np.save(tmp_path / "a.npy", np.zeros((4, 8, 8), np.uint16))
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    monkeypatch.setattr(np.memmap, "copy", lambda *given: pytest.fail("all of it is read"), False)
    npd.denoise(mapped, CAMERA, BLUR, axes="TYX", lazy=True).compute()


@pytest.mark.parametrize("stored", [False, True])
def test_an_xarray_comes_back_as_one(tmp_path, stored, rng):
    xr = pytest.importorskip("xarray")
    counts = poisson(rng, (3, 40, 50))  # ZYX
    at_once = npd.denoise(counts, CAMERA, npd.Gaussian(sigma=1, sigma_z=1), axes="ZYX")
    raw = xr.DataArray(
        counts.transpose(1, 2, 0), dims=("row", "col", "z"), coords={"z": [0, 2, 4]}, name="cells"
    )
    if stored:
        raw.to_dataset().to_zarr(tmp_path / "a.zarr", consolidated=False)
        raw = xr.open_zarr(tmp_path / "a.zarr", chunks=None, consolidated=False)["cells"]
    made = npd.denoise(raw, CAMERA, npd.Gaussian(sigma=1, sigma_z=1), lazy=True)
    assert isinstance(made, xr.DataArray)
    assert isinstance(made.data, da.Array)
    assert (made.dims, made.name, made.attrs) == (raw.dims, "cells", {"units": "e-"})
    np.testing.assert_array_equal(made.transpose("z", "row", "col"), at_once)
    np.testing.assert_array_equal(made.isel(z=1).values, at_once[1])


def test_a_channel_at_the_end_stays_there(rng):
    counts = poisson(rng, (40, 30))
    made = npd.denoise(
        da.from_array(counts[..., None], chunks=(16, 16, 1)), CAMERA, BLUR, lazy=True
    )
    assert made.shape == (40, 30, 1)
    np.testing.assert_array_equal(made[..., 0].compute(), npd.denoise(counts, CAMERA, BLUR))


def test_nothing_is_read_before_the_result_is():
    def read(block_info=None):
        raise AssertionError("read")

    image = da.map_blocks(
        read, chunks=((64,) * 8, (64,) * 8), dtype=np.uint16, meta=np.empty((0, 0))
    )
    made = npd.denoise(image, CAMERA, BLUR, lazy=True)
    with pytest.raises(AssertionError, match="read"):
        made[0, 0].compute()


def counting(alive, most, read):
    """Return what makes blocks of an image, and counts which are still there."""

    def gone(number):
        alive.discard(number)

    def block(block_info):
        place = tuple(block_info[None]["chunk-location"])
        shape = block_info[None]["chunk-shape"]
        made = np.full(shape, 120 + sum(place) % 7, np.uint16)
        read.append(place)
        alive.add(place)
        most.append(len(alive))
        weakref.finalize(made, gone, place)
        return made

    return block


@pytest.mark.parametrize(
    ("shape", "chunk", "denoiser"),
    [((60, 128, 128), (1, 64, 64), BLUR), ((256, 64, 64), (8, 32, 32), npd.Gaussian(sigma_z=2))],
)
def test_memory_is_that_of_some_blocks(shape, chunk, denoiser):
    alive, most, read = set(), [], []
    chunks = tuple((side,) * (size // side) for size, side in zip(shape, chunk, strict=True))
    image = da.map_blocks(
        counting(alive, most, read),
        chunks=chunks,
        dtype=np.uint16,
        meta=np.empty((0, 0, 0), np.uint16),
    )
    made = npd.denoise(image, CAMERA, denoiser, axes="ZYX", tile=32, lazy=True)

    class Sink:
        shape, dtype = made.shape, made.dtype

        def __setitem__(self, index, value):
            pass

    da.store(made, Sink(), scheduler="synchronous", lock=False)
    assert len(read) == len(set(read)) == image.npartitions  # each is read once
    assert max(most) < image.npartitions / 4


class Stored:
    """An array in a file, which says what is read of it."""

    shape, dtype, ndim, chunks = (40, 96, 64), np.dtype(np.uint16), 3, (1, 32, 64)

    def __init__(self):
        self.read = []

    def __getitem__(self, index):
        part = np.zeros(self.shape, self.dtype)[index]
        self.read.append(part.size)
        return part + np.uint16(120)


def test_of_a_file_each_block_reads_its_own_part():
    stored = Stored()
    made = npd.denoise(stored, CAMERA, BLUR, axes="TYX", tile=32, lazy=True)
    assert sum(stored.read) == 0
    assert made.chunks == ((1,) * 40, (64, 32), (64,))
    assert made[3, :32].compute(scheduler="synchronous").shape == (32, 64)
    assert stored.read == [68 * 64]  # with its halo


def test_the_maps_are_one_piece_of_the_graph(rng):
    """A cluster sends a piece to each worker once, and what lies in a task with every task."""
    shape = (256, 256)
    camera = npd.Calibration(gain=rng.uniform(0.4, 0.6, shape), offset=100)
    image = da.zeros((50, *shape), chunks=(1, *shape), dtype=np.uint16)
    made = npd.denoise(image, camera, BLUR, axes="TYX", lazy=True)
    (graph,) = dask.optimize(made)
    pieces = [len(cloudpickle.dumps(task)) for task in dict(graph.dask).values()]
    assert len([size for size in pieces if size > camera.gain.nbytes]) == 1


def test_blocks_begin_where_the_tiles_of_the_whole_do(monkeypatch):
    def task(axes, shape, halo, tile=None):
        return BlockTask(axes, shape, CAMERA, lambda block, noise: block, halo, "Z", tile)

    monkeypatch.undo()  # as it is
    frames = task("TYX", (1000, 2048, 2048), (0, 4, 4))
    assert block_chunks(((1,) * 1000, (512,) * 4, (512,) * 4), frames) == (
        (1,) * 1000,
        (2048,),
        (2048,),
    )
    small = task("TCYX", (50, 2, 256, 300), (0, 4, 4))
    assert block_chunks(((50,), (2,), (256,), (300,)), small) == ((50,), (2,), (256,), (300,))
    assert block_chunks(((500,), (2,), (256,), (300,)), small)[0] == (109, 109, 109, 109, 64)
    deep = task("TYX", (80, 2048, 2048), (0, 4, 4))  # is read once, or in a few parts
    assert block_chunks(((64, 16), (2048,), (2048,)), deep) == ((16,) * 5, (1024,) * 2, (1024,) * 2)
    volume = task("TZYX", (2, 100, 1100, 520), (3, 10, 10))
    assert block_chunks(((2,), (100,), (1100,), (520,)), volume) == (
        (2,),
        (32, 32, 32, 4),
        (256, 256, 256, 256, 76),
        (256, 256 + 8),
    )
    far = task("YX", (200, 50), (0, 80, 80), 32)
    assert block_chunks(((200,), (50,)), far) == ((200,), (50,))
    monkeypatch.setattr(lazy_module, "BLOCK", 1)
    assert block_chunks(((200,), (50,)), far) == ((96, 104), (50,))


@pytest.mark.parametrize(
    ("image", "rest", "sentence"),
    [
        ("cells.tif", {}, "needs an array that stays open"),
        (np.zeros((3, 16, 16), bool), {}, "boolean"),
        (np.zeros((16, 16), np.uint16), {"units": "grey"}, "no units 'grey'"),
        (np.zeros((16, 16), np.uint16), {"tile": 3}, "tile must be at least 32"),
        (COLOUR, {}, r"give one channel, such as image\[..., 0\]"),
        (np.zeros((5, 2, 16, 16), np.uint8), {"method": npd.Box(size_z=3)}, "name the axes first"),
    ],
)
def test_what_can_not_be_is_said_at_the_call(image, rest, sentence):
    with pytest.raises(npd.PhotonDenoiseError, match=sentence):
        quietly(image, CAMERA, **({"method": BLUR} | rest), lazy=True)


def test_a_size_that_nobody_knows_is_refused():
    image = da.zeros((9, 9), chunks=3)
    with pytest.raises(npd.PhotonDenoiseError, match="compute_chunk_sizes"):
        npd.denoise(image[image[:, 0] > 1], CAMERA, BLUR, lazy=True)


def test_wrong_values_are_said_when_they_are_read():
    image = np.full((128, 128), 120, np.float32)
    image[70, 5] = np.nan
    made = npd.denoise(da.from_array(image), CAMERA, BLUR, tile=32, lazy=True)
    assert made[:32].compute().shape == (32, 128)
    with pytest.raises(npd.PhotonDenoiseError, match="NaN or infinite"):
        made.compute()
    hidden = np.ma.masked_array(image, np.isnan(image))
    with pytest.raises(npd.PhotonDenoiseError, match="masked values"):
        npd.denoise(da.from_array(hidden, chunks=64), CAMERA, BLUR, tile=32, lazy=True).compute()


@pytest.mark.slow  # each process imports all
@pytest.mark.parametrize("method", ["gaussian", "resunet"])
def test_other_processes_can_do_it(make, method, rng):
    counts = poisson(rng, (2, 100, 70))
    denoiser = make(method, deep=False)
    at_once = quietly(counts, CAMERA, denoiser, axes="TYX", tile=32)
    made = quietly(da.from_array(counts), CAMERA, denoiser, axes="TYX", tile=32, lazy=True)
    with dask.config.set({"multiprocessing.context": "spawn"}):
        np.testing.assert_array_equal(made.compute(scheduler="processes", num_workers=1), at_once)


def test_errors_survive_the_way_from_another_process():
    error = npd.PhotonDenoiseError("The image holds NaN.")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
