"""Every exception of a file as a sentence; what nobody foresaw as a fault of the program."""

import errno
import os

import pytest

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.faults import ProgramFault, as_sentence


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (MemoryError(), "a.tif needs more memory than there is: close other programs"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "needs more memory"),
        (RuntimeError("can't start new thread"), "a.tif needs more memory"),
        (RuntimeError("could not create a primitive"), "a.tif needs more memory"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "a.tif needs more memory"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "x" * 9), "xxxxxxxxx: the name is too"),
        (FileNotFoundError(errno.ENOENT, "No such file", "b"), "b: it is not there any more"),
        (PermissionError(errno.EACCES, "Permission denied"), "a.tif: you may not read or write"),
        (OSError(errno.ENOSPC, "No space left on device"), "a.tif: the disk is full: free some"),
        (OSError(errno.EROFS, "Read-only file system"), "a.tif: the disk can only be read"),
        (OSError(errno.ELOOP, "Too many links"), "can't be read or written (Too many links)"),
        (OSError("cannot seek"), "can't be read or written (cannot seek): check the disk"),
        (UnicodeEncodeError("utf-8", "\udce9", 0, 1, "surrogates"), "is not in UTF-8: rename it"),
    ],
)
def test_what_the_computer_refuses(error, sentence):
    said = as_sentence(error, "a.tif")
    assert sentence in str(said)
    assert not isinstance(said, ProgramFault)


def test_bad_input_stays_as_it_is():
    error = UnreadableFile("a.tif is damaged.")
    assert as_sentence(error, "a.tif") is error


def test_a_fault_of_the_program_is_called_one_and_says_where():
    def broken():
        return {}["nothing"]

    try:
        broken()
    except KeyError as error:
        said = as_sentence(error, "a.tif")
    assert isinstance(said, ProgramFault)
    assert str(said).startswith("a.tif: a fault of this program (KeyError: 'nothing'); please rep")
    assert "in broken" in said.story()


def test_names_that_are_no_text_can_be_printed():
    name = os.fsdecode(b"caf\xe9.tif")
    str(as_sentence(KeyError("x"), name)).encode("utf-8")
    str(as_sentence(FileNotFoundError(2, "No such file", name), name)).encode("utf-8")
