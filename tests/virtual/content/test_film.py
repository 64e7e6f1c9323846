import numpy as np
import pytest

from napari_photon_denoise.virtual.content import draw
from napari_photon_denoise.virtual.content.canvas import Canvas, Points, splat
from napari_photon_denoise.virtual.content.film import (
    FASTEST,
    drift,
    fading,
    film_image,
    film_points,
)

REST = np.zeros((8, 2), dtype=np.float32)


def test_paths_are_no_faster_than_said_and_zero_in_the_middle():
    speeds = []
    for seed in range(200):
        path = drift(16, np.random.default_rng(seed))
        assert np.all(path[8] == 0)
        steps = np.abs(np.diff(path, axis=0))
        assert steps.max() <= FASTEST + 1e-5
        speeds.append(steps.max())
    assert min(speeds) < 0.2
    assert max(speeds) > 2


def test_light_fades_and_is_never_negative():
    for seed in range(30):
        assert fading(16, np.random.default_rng(seed)).min() > 0


def test_an_image_follows_its_path():
    spot = splat((80, 80), np.array([[40.0, 40.0]], np.float32), np.ones(1, np.float32))
    path = np.stack([np.arange(8) - 4, 0.5 * (np.arange(8) - 4)], axis=1).astype(np.float32)
    # Seeds that neither bend nor flicker show the path alone.
    films = [
        film_image(spot, Canvas((80, 80)), 8, path, np.random.default_rng(seed))
        for seed in range(12)
    ]
    centres = [
        [(np.indices((80, 80)) * frame).sum(axis=(1, 2)) / frame.sum() for frame in film]
        for film in films
    ]
    errors = [np.abs(np.array(centre) - 40 - path).max() for centre in centres]
    assert min(errors) < 0.01
    assert max(errors) > 0.1


def test_objects_go_their_own_ways_and_some_rest():
    rng = np.random.default_rng(0)
    places = rng.uniform(30, 170, (12, 2)).astype(np.float32)
    points = Points(places, np.ones(12, np.float32), np.arange(12))
    moved = []
    for seed in range(20):
        film = film_points(points, Canvas((200, 200)), 8, REST, np.random.default_rng(seed))
        assert film.shape == (8, 200, 200)
        assert film.min() >= 0
        moved.append(np.abs(film[0] - film[-1]).max() > 0.05)
    assert 0.3 < np.mean(moved) < 0.95


def test_moving_scenes_move_and_resting_ones_are_there_too():
    changes = []
    for seed in range(14):
        film = draw((8, 64, 64), np.random.default_rng(seed), moving=True)
        spread = max(float(film.std()), 1e-6)
        changes.append(float(np.abs(film[1:] - film[:-1]).mean()) / spread)
    assert np.mean(np.array(changes) > 0.02) > 0.5
    assert max(changes) > 0.1


@pytest.mark.parametrize("seed", range(6))
def test_neighbouring_frames_are_more_alike_than_distant_ones(seed):
    film = draw((12, 64, 64), np.random.default_rng(100 + seed), moving=True)
    near = float(np.abs(film[6] - film[5]).mean())
    far = float(np.abs(film[11] - film[0]).mean())
    assert near <= 2 * far + 1e-6
