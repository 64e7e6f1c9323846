import pytest

from tiny_models import save_tiny


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """One model and its package, for all who only read them."""
    pytest.importorskip("torch")
    from napari_photon_denoise.networks.bioimage.conditions import Conditions
    from napari_photon_denoise.networks.bioimage.export import export_package

    conditions = Conditions(2.5, (0.0, 0.7), gain=0.5, offset=100.0)
    folder = tmp_path_factory.mktemp("package")
    model = save_tiny(folder, form="blind", body="n2v2")
    return model, export_package(model, folder / "tiny.zip", conditions=conditions).path


@pytest.fixture
def package(tmp_path, exported):
    """A package to spoil."""
    path = tmp_path / "tiny.zip"
    path.write_bytes(exported[1].read_bytes())
    return path
