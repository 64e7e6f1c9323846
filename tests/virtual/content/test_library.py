import json

import numpy as np
import pytest

from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError
from napari_photon_denoise.job import Progress, run
from napari_photon_denoise.virtual.content import build_library_job, open_library


@pytest.fixture(scope="module")
def planes(content, tmp_path_factory):
    folder = tmp_path_factory.mktemp("library") / "planes"
    job = build_library_job(
        folder,
        count=9,
        content=content,
        real_share=0.5,
        licences={"good": "CC0", "bad": "unknown"},
        seed=3,
    )
    return run(job)


def test_scenes_are_densities_of_mean_one(planes):
    assert planes.scenes.shape == (9, 256, 256)
    assert planes.scenes.dtype == np.float16
    assert isinstance(planes.scenes, np.memmap)
    scenes = planes.scenes.astype(np.float64)
    assert np.isfinite(scenes).all()
    assert scenes.min() >= 0
    np.testing.assert_allclose(scenes.mean(axis=(1, 2)), 1, atol=2e-3)


def test_facts_name_seed_sources_and_the_licences_of_what_was_used(planes):
    facts = planes.facts
    assert facts["seed"] == 3
    assert facts["licences"] == {"good": "CC0"}
    assert set(facts["sources"]) == {"drawn", "good"}
    assert sum(facts["sources"].values()) == len(planes.origins) == 9
    assert all(origin == "drawn" or origin.startswith("good/") for origin in planes.origins)


def test_the_result_does_not_depend_on_the_number_of_processes(planes, content, tmp_path):
    job = build_library_job(tmp_path, count=9, content=content, real_share=0.5, seed=3, workers=2)
    reports = []
    while True:
        try:
            reports.append(next(job))
        except StopIteration as end:
            library = end.value
            break
    np.testing.assert_array_equal(library.scenes, planes.scenes)
    assert library.origins == planes.origins
    assert all(isinstance(report, Progress) for report in reports)
    assert [report.done for report in reports] == [0, 4, 8, 9]


def test_a_longer_library_begins_like_a_shorter_one(tmp_path):
    short = run(build_library_job(tmp_path / "short", count=2, seed=1))
    long = run(build_library_job(tmp_path / "long", count=3, seed=1))
    np.testing.assert_array_equal(short.scenes, long.scenes[:2])


def test_stacks_and_films_take_turns(content, tmp_path):
    job = build_library_job(tmp_path, kind="stacks", count=4, content=content, real_share=1)
    library = run(job)
    assert library.scenes.shape == (4, 16, 160, 160)
    kinds = [origin.rsplit(" ", 1)[1] for origin in library.origins]
    assert kinds == ["z-stack", "film", "z-stack", "film"]


def test_a_library_that_is_there_is_not_replaced_unasked(tmp_path):
    run(build_library_job(tmp_path, count=1))
    with pytest.raises(OutputExists, match="already"):
        run(build_library_job(tmp_path, count=2))
    assert len(run(build_library_job(tmp_path, count=2, overwrite=True)).scenes) == 2


@pytest.mark.parametrize("workers", [1, 2])
def test_a_cancelled_build_leaves_nothing_half_written(workers, tmp_path):
    job = build_library_job(tmp_path, count=9, workers=workers)
    next(job), next(job)
    job.close()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(PhotonDenoiseError, match="no finished library"):
        open_library(tmp_path)


def test_a_cancelled_replacement_keeps_the_old_library(tmp_path):
    old = np.array(run(build_library_job(tmp_path, count=1)).scenes)
    job = build_library_job(tmp_path, count=9, seed=5, overwrite=True)
    next(job), next(job)
    job.close()
    np.testing.assert_array_equal(open_library(tmp_path).scenes, old)


@pytest.mark.parametrize(
    "wrong", [{"kind": "cubes"}, {"count": 0}, {"real_share": 1.5}, {"workers": 0}]
)
def test_parameters_out_of_range_are_refused_before_anything_is_made(wrong, tmp_path):
    with pytest.raises(PhotonDenoiseError):
        run(build_library_job(tmp_path / "library", **wrong))
    assert not (tmp_path / "library").exists()


def test_bad_folders_are_one_clear_sentence(tmp_path):
    with pytest.raises(PhotonDenoiseError, match="There is no folder"):
        run(build_library_job(tmp_path / "a", content=tmp_path / "nowhere"))
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PhotonDenoiseError, match="choose another place"):
        run(build_library_job(tmp_path / "file" / "library", count=1))


def test_a_library_of_another_version_is_refused(tmp_path):
    run(build_library_job(tmp_path, count=1))
    facts = json.loads((tmp_path / "library.json").read_text())
    (tmp_path / "library.json").write_text(json.dumps(facts | {"version": 99}))
    with pytest.raises(PhotonDenoiseError, match="another version"):
        open_library(tmp_path)
