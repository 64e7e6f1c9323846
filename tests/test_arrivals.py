"""When an image that is being written counts as complete; by a clock that is set."""

from functools import partial

import numpy as np
import pytest
import tifffile
import zarr

from napari_photon_denoise import arrivals
from napari_photon_denoise.arrivals import Arrivals, Watch
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io import find_images, look
from recordings import ome_xml, uuid, write_mmstack, write_ndtiff, write_pages
from watched import Time

WATCH = Watch(quiet=10.0)
SUMMARY = {"Prefix": "c_1", "Frames": 3, "Slices": 1, "Channels": 1, "Positions": 1}
WHOLE = np.arange(4 * 20 * 30, dtype=np.uint16).reshape(4, 20, 30)


class Folder:
    """Arrivals in a folder, asked every 2 s; what came stands with the second at which it did."""

    def __init__(self, *patterns, **more):
        self.time = Time()
        self.arrivals = Arrivals(patterns, WATCH, clock=self.time, **more)
        self.errors = {}

    def until(self, end, *, at_the_end=False):
        came = []
        while self.time.now <= end:
            self.arrivals.look()
            while arrival := self.arrivals.next(at_the_end=at_the_end):
                came.append((int(self.time.now), arrival.image.name))
                self.errors[arrival.image.name] = arrival.error
            self.time.sleep(2.0)
        return came


def write(path, count=4):
    tifffile.imwrite(path, WHOLE[:count], photometric="minisblack")


def test_a_file_comes_once_when_it_has_not_changed_for_a_while(tmp_path):
    folder = Folder(tmp_path)
    write(tmp_path / "a.tif")
    folder.time.at(20, lambda: write(tmp_path / "b.tif"))
    assert folder.until(60) == [(10, "a.tif"), (30, "b.tif")]


def test_a_file_that_grows_comes_when_it_is_written(tmp_path):
    path, folder = tmp_path / "a.tif", Folder(tmp_path)
    write(tmp_path / "whole.tif")
    raw = (tmp_path / "whole.tif").read_bytes()
    (tmp_path / "whole.tif").unlink()
    parts = 10
    for part in range(parts + 1):
        end = len(raw) * part // parts
        folder.time.at(6 * part, partial(path.write_bytes, raw[:end]))
    assert folder.until(100) == [(70, "a.tif")]
    assert folder.errors == {"a.tif": None}


def test_a_copy_that_stops_for_a_while_is_not_taken_before_it_goes_on(tmp_path):
    """A slow network: quiet for longer than a file needs, and cut in the middle."""
    path, folder = tmp_path / "a.tif", Folder(tmp_path)
    write(path)
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    folder.time.at(60, lambda: path.write_bytes(raw))
    assert folder.until(100) == [(80, "a.tif")]  # and must rest for twice as long then
    assert folder.errors == {"a.tif": None}


def test_a_file_that_keeps_its_size_while_it_is_filled(tmp_path):
    """As Windows copies: the room first, then the bytes."""
    path, folder = tmp_path / "a.tif", Folder(tmp_path)
    write(path)
    raw = path.read_bytes()
    path.write_bytes(bytes(len(raw)))
    for part in range(1, 6):
        filled = raw[: len(raw) * part // 5].ljust(len(raw), b"\0")
        folder.time.at(8 * part, partial(path.write_bytes, filled))
    assert folder.until(100) == [(50, "a.tif")]
    assert folder.errors == {"a.tif": None}


def test_a_file_whose_last_plane_is_not_there_yet_is_waited_for(tmp_path):
    path, folder = tmp_path / "a.tif", Folder(tmp_path)
    tifffile.imwrite(path, WHOLE, photometric="minisblack", compression="deflate")
    with tifffile.TiffFile(path) as tif:
        last = tif.pages[-1].dataoffsets[0]
    raw = path.read_bytes()
    path.write_bytes(raw[:last] + bytes(len(raw) - last))
    folder.time.at(60, lambda: path.write_bytes(raw))
    assert folder.until(100) == [(80, "a.tif")]


def test_a_bad_file_is_said_once_and_tried_again_when_it_changes(tmp_path):
    path, folder = tmp_path / "bad.tif", Folder(tmp_path)
    path.write_bytes(b"II*\0no image")
    assert folder.until(1000) == [(WATCH.patience, "bad.tif")]
    assert "truncated" in str(folder.errors["bad.tif"])
    write(path)
    assert folder.until(1100) == [(1012, "bad.tif")]
    assert folder.errors == {"bad.tif": None}


def test_an_image_that_changes_later_comes_again(tmp_path):
    path, folder = tmp_path / "a.tif", Folder(tmp_path)
    write(path, 2)
    folder.time.at(100, lambda: write(path, 4))
    assert folder.until(200) == [(10, "a.tif"), (110, "a.tif")]


@pytest.mark.parametrize("freed", [60, 300])
def test_a_file_that_is_locked_comes_when_it_is_free_without_a_change(tmp_path, monkeypatch, freed):
    path, folder = tmp_path / "a.tif", Folder(tmp_path)
    write(path)
    is_locked, opened = [True], type(path).open

    def open_unless_locked(self, *more, **named):
        if is_locked and self == path:
            raise PermissionError(13, "used by another process")
        return opened(self, *more, **named)

    monkeypatch.setattr(type(path), "open", open_unless_locked)
    folder.time.at(freed, is_locked.clear)
    came = folder.until(600)
    assert came[-1][0] - freed <= (10 if freed < WATCH.patience else WATCH.patience)
    assert len(came) == (1 if freed < WATCH.patience else 2)  # the first says that it is locked
    assert folder.errors == {"a.tif": None}


def test_a_set_of_files_comes_once_when_all_of_them_are_there(tmp_path):
    rows = [(t, 0, 0, 0, f"t{t}.ome.tif", uuid(t)) for t in range(3)]
    folder = Folder(tmp_path)

    def write_part(t):
        text = ome_xml([{"T": 3, "rows": rows}], uuid(t))
        write_pages(tmp_path / f"t{t}.ome.tif", WHOLE[t], text)

    for t in range(3):
        folder.time.at(30 * t, partial(write_part, t))
    assert folder.until(200) == [(70, "t0.ome.tif")]
    assert folder.errors == {"t0.ome.tif": None}


def test_a_set_that_stays_without_a_part_is_said_once(tmp_path):
    rows = [(t, 0, 0, 0, f"t{t}.ome.tif", uuid(t)) for t in range(3)]
    folder = Folder(tmp_path)
    for t in (0, 2):
        text = ome_xml([{"T": 3, "rows": rows}], uuid(t))
        write_pages(tmp_path / f"t{t}.ome.tif", WHOLE[t], text)
    assert folder.until(500) == [(120, "t0.ome.tif")]
    assert "t1.ome.tif" in str(folder.errors["t0.ome.tif"])


def test_a_recording_of_micro_manager_is_waited_for_while_it_has_room_for_more(tmp_path):
    path, folder = tmp_path / "c_1_MMStack_Pos0.ome.tif", Folder(tmp_path)
    held = {(0, 0, t, 0): WHOLE[t] for t in range(3)}
    write_mmstack(path, dict(list(held.items())[:2]), SUMMARY, finished=False)
    folder.time.at(60, lambda: write_mmstack(path, held, SUMMARY))
    assert folder.until(200) == [(80, path.name)]


def test_a_recording_that_was_broken_off_is_taken_in_the_end_and_again_if_it_goes_on(tmp_path):
    path, folder = tmp_path / "c_1_MMStack_Pos0.ome.tif", Folder(tmp_path)
    held = {(0, 0, t, 0): WHOLE[t] for t in range(3)}
    write_mmstack(path, dict(list(held.items())[:2]), SUMMARY, finished=False)
    assert folder.until(200) == [(120, path.name)]
    write_mmstack(path, held, SUMMARY)
    assert folder.until(300) == [(212, path.name)]
    assert folder.errors == {path.name: None}


def test_a_recording_that_was_stopped_early_and_finished_is_taken_at_once(tmp_path):
    path, folder = tmp_path / "c_1_MMStack_Pos0.ome.tif", Folder(tmp_path)
    write_mmstack(path, {(0, 0, t, 0): WHOLE[t] for t in range(2)}, SUMMARY)
    assert folder.until(100) == [(10, path.name)]


def test_an_ndtiff_is_waited_for_until_its_index_is_cut(tmp_path):
    """NDStorage makes an index of 25 MB with room for more, and cuts it when it is finished."""
    folder = Folder(tmp_path)
    planes_ = [({"time": t, "position": p}, WHOLE[t]) for t in range(2) for p in range(2)]
    write_ndtiff(tmp_path, {"a_NDTiffStack.tif": planes_}, {})
    index = tmp_path / "NDTiff.index"
    whole = index.read_bytes()
    index.write_bytes(whole + bytes(1000))
    folder.time.at(60, lambda: index.write_bytes(whole))
    folder.errors.clear()
    assert [name for _, name in folder.until(200)] == ["Pos0", "Pos1"]
    assert folder.errors == {"Pos0": None, "Pos1": None}


def _zarr(path, chunks):
    group = zarr.open_group(path, mode="a", zarr_format=2)
    if "0" not in group:
        group.create_array("0", shape=(4, 20, 30), chunks=(1, 20, 30), dtype="u2")
        axes = [{"name": "z"}, {"name": "y"}, {"name": "x"}]
        group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": [{"path": "0"}]}]
    for chunk in chunks:
        group["0"][chunk] = WHOLE[chunk] + 1


def test_an_ome_zarr_is_waited_for_longer_and_until_its_chunks_are_there(tmp_path):
    path, folder = tmp_path / "a.zarr", Folder(tmp_path)
    _zarr(path, [0])
    folder.time.at(40, lambda: _zarr(path, [1, 2]))
    folder.time.at(90, lambda: _zarr(path, [3]))
    assert folder.until(300) == [(150, "a.zarr")]


def test_an_ome_zarr_without_some_chunks_is_taken_in_the_end_and_again_when_they_come(tmp_path):
    path, folder = tmp_path / "a.zarr", Folder(tmp_path)
    _zarr(path, [0, 1])
    folder.time.at(200, lambda: _zarr(path, [2, 3]))
    assert folder.until(400) == [(120, "a.zarr"), (260, "a.zarr")]


def test_a_camera_that_pauses_has_its_file_opened_less_and_less_often(tmp_path, monkeypatch):
    path, folder = tmp_path / "c_1_MMStack_Pos0.ome.tif", Folder(tmp_path)
    summary, opened = SUMMARY | {"Frames": 60}, []
    held = {(0, 0, t, 0): WHOLE[t % 4] for t in range(60)}
    for t in range(1, 60):
        some = dict(list(held.items())[: t + 1])
        folder.time.at(30 * t, partial(write_mmstack, path, some, summary, finished=t == 59))
    read = arrivals.read
    monkeypatch.setattr(arrivals, "read", lambda *more: opened.append(more) or read(*more))
    ((when, name),) = folder.until(2000)
    assert name == path.name
    assert 30 * 59 < when < 30 * 59 + 2 * WATCH.patience
    assert len(opened) < 5


def test_a_plate_gives_its_fields_once_and_those_that_come_later(tmp_path):
    folder, plate = Folder(tmp_path), tmp_path / "p.zarr"

    def add(well, field):
        root = zarr.open_group(plate, mode="a", zarr_format=2)
        if "plate" not in root.attrs:  # which says from the beginning what is to come
            root.attrs["plate"] = {"wells": [{"path": f"A/{number}"} for number in (1, 2, 3)]}
        _zarr(plate / well / field, range(4))
        row = zarr.open_group(plate / well, mode="a", zarr_format=2)
        row.attrs["well"] = {"images": [{"path": field}]}

    add("A/1", "0")
    add("A/2", "0")
    folder.time.at(200, lambda: add("A/3", "0"))
    assert folder.until(400) == [(60, "0"), (60, "0"), (260, "0")]


def test_calibrations_and_hidden_files_are_passed_over(tmp_path):
    Calibration(gain=0.5, offset=100.0).save(tmp_path / "camera.tif")
    for name in (".a.part.tif", "a.tif", "notes.txt"):
        write(tmp_path / name)
    assert Folder(tmp_path).until(100) == [(10, "a.tif")]


def test_names_are_those_that_the_same_pattern_finds_without_a_watch(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.tif", "p/b.tif", "p/q/c [1].tif", ".hidden/d.tif"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        write(tmp_path / name)
    _zarr(tmp_path / "p" / "z.zarr", range(4))
    for pattern in (".", "*.tif", "**/*", str(tmp_path / "p"), "p/*", "p/q/c [1].tif", "a.tif"):
        found = look.look([pattern], lambda path: False)
        assert sorted(found) == sorted(map(str, find_images([pattern]))), pattern


@pytest.mark.parametrize("pattern", ["no", "no/*.tif", "a.tif/Pos0", "no/**/*.tif", "b.tif"])
def test_what_no_image_can_come_to_is_refused(tmp_path, pattern):
    write(tmp_path / "a.tif")
    with pytest.raises(UnreadableFile, match=r"does not exist|is an image in a file"):
        Folder(tmp_path / pattern)
    Folder(tmp_path / "*.tif")
    Folder(tmp_path / "pos*" / "img.tif")


def test_a_folder_of_files_that_are_known_is_only_listed(tmp_path, monkeypatch):
    for number in range(30):
        write(tmp_path / f"{number}.tif")
    folder = Folder(tmp_path)
    assert len(folder.until(20)) == 30
    monkeypatch.setattr("napari_photon_denoise.io.look.seen_at", pytest.fail)
    monkeypatch.setattr("napari_photon_denoise.arrivals.images_of", pytest.fail)
    monkeypatch.setattr("napari_photon_denoise.arrivals.own_kind", pytest.fail)
    assert folder.until(40) == []


def test_what_comes_is_before_what_lay_there(tmp_path):
    for number in range(3):
        write(tmp_path / f"a{number}.tif")
    folder = Folder(tmp_path)
    folder.arrivals.look()
    folder.time.sleep(10)
    assert folder.arrivals.next().image.name == "a0.tif"
    write(tmp_path / "b.tif")
    folder.arrivals.look()
    folder.time.sleep(10)
    assert [folder.arrivals.next().image.name for _ in range(3)] == ["b.tif", "a1.tif", "a2.tif"]


def test_a_share_that_is_away_for_a_while_brings_nothing_twice(tmp_path):
    place, away = tmp_path / "share", tmp_path / "away"
    place.mkdir()
    write(place / "a.tif")
    folder = Folder(place)
    folder.time.at(20, lambda: place.rename(away))
    folder.time.at(40, lambda: away.rename(place))
    assert folder.until(100) == [(10, "a.tif")]


def test_at_the_end_what_is_not_whole_is_not_waited_for(tmp_path):
    (tmp_path / "bad.tif").write_bytes(b"II*\0")
    folder = Folder(tmp_path)
    assert folder.until(20) == []
    assert folder.arrivals.is_idle(10)
    assert folder.until(30, at_the_end=True) == [(22, "bad.tif")]
