"""Pickles of arrays are read, and nothing that they name is called."""

import builtins
import io
import os
import pickle
import pickletools

import numpy as np
import pytest

from napari_photon_denoise.camera.formats import import_calibration
from napari_photon_denoise.camera.formats.pickled_arrays import RefusedPickle, load_arrays
from napari_photon_denoise.errors import UnreadableFile

PROTOCOLS = [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("dtype", ["<f8", ">f4", "u1", "<i2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_are_what_pickle_makes_of_them(rng, protocol, dtype, order):
    array = np.asarray(rng.uniform(0, 100, (4, 5)).astype(dtype), order=order)
    data = pickle.dumps([array, array[::2], 2, np.float64(1.5)], protocol=protocol)
    found = load_arrays(data)
    for one, other in zip(found, pickle.loads(data), strict=True):
        np.testing.assert_array_equal(one, other)
        assert np.asarray(one).dtype.str[1:] == np.asarray(other).dtype.str[1:]


def test_names_of_numpy_1_and_strings_of_python_2_are_known():
    """As Python 2 with NumPy 1.16 pickled an array of [1.0, 2.0] with protocol 2."""
    data = (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x00cnumpy\nndarray\nq\x01K\x00\x85U\x01b"
        b"\x87Rq\x02(K\x01K\x02\x85cnumpy\ndtype\nq\x03U\x02f8K\x00K\x01\x87R(K\x03U\x01<NNNJ"
        b"\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x10"
        + np.array([1.0, 2.0]).tobytes()
        + b"tb."
    )
    np.testing.assert_array_equal(pickle.loads(data, encoding="latin1"), [1, 2])
    np.testing.assert_array_equal(load_arrays(data), [1, 2])


class Calls:
    """A pickle of this calls a function with arguments."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("inside_npy", [True, False])
def test_a_malicious_pickle_is_refused(tmp_path, maps, inside_npy):
    trace = tmp_path / "was-here"
    content = [*maps, Calls(os.system, f"touch {trace}"), 2]
    if inside_npy:
        array = np.empty(5, dtype=object)
        array[:] = content
        np.save(tmp_path / "c.npy", array, allow_pickle=True)
    else:
        (tmp_path / "c.npy").write_bytes(pickle.dumps(content))
    with pytest.raises(UnreadableFile, match="could run a program"):
        import_calibration(tmp_path / "c.npy")
    assert not trace.exists()
    # The same bytes do run it where nobody holds them back: the test can fail.
    pickle.load(io.BytesIO(pickle.dumps(content[3])))
    assert trace.exists()


@pytest.mark.parametrize("name", ["eval", "getattr", "__import__"])
def test_builtins_are_refused(tmp_path, name):
    code = b"cbuiltins\n" + name.encode() + b"\n."
    assert getattr(builtins, name) is pickle.loads(code)
    (tmp_path / "c.npy").write_bytes(code)
    with pytest.raises(UnreadableFile, match="more than arrays"):
        import_calibration(tmp_path / "c.npy")


@pytest.mark.parametrize(
    "evil",
    [
        Calls(np.ndarray, (4,), np.dtype("O"), b"A" * 64),
        Calls(np.ndarray, (2**40,)),
        Calls(np.dtype, "f8"),
        Calls(np.zeros, 2**40),
        [Calls(np.ndarray, (1,), np.dtype("f8"), b"A" * 8, 2**40)],
        np.array(["text"]),
        np.array([1 + 2j]),
        np.zeros(2, [("a", "f8")]),
        np.ma.masked_array([1.0]),
        np.matrix([1.0]),
        {"gain": 2.0},
        {2.0},
        "text",
        b"bytes",
        None,
        slice(2),
    ],
    ids=lambda evil: type(evil).__name__,
)
@pytest.mark.parametrize("protocol", [2, 5])
def test_what_is_no_plain_array_is_refused(evil, protocol):
    with pytest.raises((RefusedPickle, ValueError)):
        load_arrays(pickle.dumps([evil], protocol=protocol))


def test_an_array_of_more_than_its_bytes_is_refused():
    data = pickle.dumps(np.zeros((3, 4)), protocol=2)
    changed = data.replace(b"K\x03K\x04\x86", b"K\xffK\xff\x86")
    assert changed != data
    with pytest.raises(ValueError, match="another size"):
        load_arrays(changed)


def test_lists_that_hold_themselves_are_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(RefusedPickle, match="deeper"):
        load_arrays(pickle.dumps(endless))


def test_pickles_that_go_on_and_on_are_refused():
    with pytest.raises(RefusedPickle, match="longer"):
        load_arrays(b"K\x010" * 6000 + b"K\x01.")


def test_no_instruction_is_understood_that_is_not_listed():
    """Those that make objects, refer to others or extend the pickle are not."""
    for opcode in pickletools.opcodes:
        if opcode.name in ("INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "PERSID", "BINPERSID", "EXT1"):
            arguments = b"a\nb\n" if opcode.name in ("INST", "PERSID") else b"\x01"
            with pytest.raises(RefusedPickle, match=opcode.name):
                load_arrays(opcode.code.encode("latin1") + arguments + b".")


def test_random_instructions_only_raise(rng):
    """Neither a crash nor room for what is not there, whatever the bytes say."""
    good = pickle.dumps([np.zeros((3, 4)), np.ones((3, 4)), 2], protocol=4)
    raised = set()
    for _ in range(300):
        data = bytearray(good)
        for at in rng.integers(len(good), size=rng.integers(1, 8)):
            data[at] = rng.integers(256)
        try:
            load_arrays(bytes(data))
        except Exception as error:
            raised.add(type(error))
    assert RefusedPickle in raised
    assert not raised & {MemoryError, RecursionError, SystemError}
