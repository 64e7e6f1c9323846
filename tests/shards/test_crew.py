"""What workers are asked, and what is said of those that lack something."""

import os
import sys
from pathlib import Path

import pytest

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.shards.cluster import asked
from napari_photon_denoise.shards.cluster.crew import (
    NUMBERS,
    Needs,
    Worker,
    ask_workers,
    differences,
    run_on,
    share_cpus,
)
from napari_photon_denoise.shards.cluster.part import do_part, own_version

NAME = "napari-photon-denoise"
AT = "tcp://10.0.0.7:4000"


class Client:
    """One worker, which answers what this process would, but for some facts."""

    def __init__(self, python=None, **facts):
        self.python = python or "{}.{}.0.final.0".format(*sys.version_info)
        self.facts = facts

    def get_versions(self, check):
        return {"workers": {AT: {"host": {"python": self.python}}}}

    def run(self, function, *arguments, workers, on_error):
        if isinstance(self.facts.get("error"), Exception):
            return {AT: self.facts["error"]}
        said = function(*arguments)
        versions = said["versions"] | self.facts.get("versions", {})
        return {AT: said | self.facts | {"versions": versions, "host": "node7"}}


def refusal(tmp_path, client=None, **needs):
    given = {"reads": (), "folder": tmp_path, **needs}
    with pytest.raises(PhotonDenoiseError) as caught:
        ask_workers(client or Client(), [AT], Needs(**given))
    return str(caught.value)


def test_a_worker_that_has_all(tmp_path):
    (worker,) = ask_workers(Client(), [AT], Needs((tmp_path,), tmp_path))
    assert worker.address == AT
    assert differences([worker]) == []


def test_a_worker_of_another_python(tmp_path):
    said = refusal(tmp_path, Client(python="3.9.1.final.0"))
    assert said.startswith(f"The worker {AT} runs Python 3.9, and this is ")


def test_a_worker_without_the_package(tmp_path):
    said = refusal(tmp_path, Client(versions={NAME: None}))
    assert said.startswith(f"The worker {AT} on node7 has no {NAME}: install it there in the ver")


def test_a_worker_of_another_version(tmp_path):
    said = refusal(tmp_path, Client(versions={NAME: "0.1"}))
    assert said.startswith(f"The worker {AT} on node7 has {NAME} 0.1, and this is {own_version()}")


def test_a_worker_without_torch(tmp_path):
    client = Client(versions={"torch": None})
    assert "has no PyTorch, which the method needs" in refusal(tmp_path, client, torch=True)
    ask_workers(client, [AT], Needs((), tmp_path))


def test_a_worker_that_does_not_see_the_image(tmp_path):
    image = tmp_path / "cells.tif"
    image.touch()
    said = refusal(tmp_path, Client(unseen=[str(image)]), reads=(image,))
    assert said.startswith(f"The worker {AT} on node7 can't read {image}: put it on a disk that")


def test_a_place_in_a_file_is_seen_with_its_file(tmp_path):
    image = tmp_path / "plate.lif"
    image.touch()
    ask_workers(Client(), [AT], Needs((image / "3",), tmp_path / "new" / "folder"))


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root writes anywhere")
def test_a_folder_that_may_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    assert "can't write beside the output, since the folder" in refusal(tmp_path)


def test_a_folder_that_is_not_there(tmp_path):
    said = asked.look([], [], str(tmp_path / "none"))["unwritten"]
    assert said == f"there is no folder {tmp_path / 'none'}"
    assert said in refusal(tmp_path, Client(unwritten=said))


def test_a_worker_that_can_not_be_asked(tmp_path):
    said = refusal(tmp_path, Client(error=TypeError("code() takes 18")))
    assert "can't be told what to do (TypeError('code() takes 18'))" in said


def test_a_worker_that_has_gone_says_nothing(tmp_path):
    assert ask_workers(Client(error=OSError("closed")), [AT], Needs((), tmp_path)) == []
    assert run_on(Client(error=OSError("closed")), [AT], print) == {}


def test_other_libraries_are_noted(tmp_path):
    (worker,) = ask_workers(Client(versions={"numpy": "1.0"}), [AT], Needs((), tmp_path))
    (note,) = differences([worker])
    assert note.startswith(f"The worker {AT} on node7 has numpy 1.0, and this is ")


def test_what_is_asked_needs_nothing_of_the_package():
    said = asked.look([NAME, "no-such-package"], [str(Path.cwd() / "none")], ".")
    assert said["versions"] == {NAME: own_version(), "no-such-package": None}
    assert said["unseen"] == [str(Path.cwd() / "none")]
    assert said["cpus"]
    source = Path(asked.__file__).read_text()
    assert "from napari_photon_denoise" not in source
    assert "torch" in NUMBERS


def test_a_task_of_another_version_is_refused():
    with pytest.raises(PhotonDenoiseError, match=r"came later has .*, and this is 9\.9"):
        do_part("key", b"", 0, "9.9", 1.0)


def worker(address, host, cpus):
    return Worker(address, {"host": host, "cpus": cpus})


@pytest.mark.parametrize(
    ("workers", "slots", "expected"),
    [
        ([("a", "x", range(8))], {"a": 1}, {"a": 8}),
        ([("a", "x", range(8))], {"a": 8}, {"a": 1}),
        ([("a", "x", range(8)), ("b", "x", range(8))], {"a": 1, "b": 1}, {"a": 4, "b": 4}),
        ([("a", "x", range(8)), ("b", "y", range(4))], {"a": 1, "b": 1}, {"a": 8, "b": 4}),
        # Jobs on one computer, each with CPUs of its own.
        ([("a", "x", range(4)), ("b", "x", range(4, 8))], {"a": 2, "b": 1}, {"a": 2, "b": 4}),
        ([("a", "x", range(2)), ("b", "x", range(2))], {"a": 8, "b": 8}, {"a": 1, "b": 1}),
    ],
)
def test_workers_share_the_cpus_of_their_computer(workers, slots, expected):
    assert share_cpus([worker(*one) for one in workers], slots) == expected
