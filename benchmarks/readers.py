"""What is read of files that other programs write: axes, size, unit, channels, values.

`python benchmarks/readers.py [FOLDER]` writes a file with each program that is installed, reads it,
and prints a table; the files stay in FOLDER. The programs that tests have anyway are in
`tests/io/other_writers.py`. The others: `pip install bioio bioio-ome-tiff bioio-ome-zarr ngff-zarr
ome-writers SimpleITK opencv-python-headless npy2bdv`, and ImageJ itself, of which
`apt install libij-java` brings the `ij.jar` (or name another in the variable IJ_JAR).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io import read

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "io"))
from other_writers import CASES, CHANNELS, OPENCV, SIZE, Case, image, known

IJ_JAR = Path(os.environ.get("IJ_JAR", "/usr/share/java/ij.jar"))
# A step, an interval and a unit each, as ImageJ's own dialogs set them.
IMAGEJ = """
import ij.*; import ij.io.*; import ij.process.*; import ij.measure.Calibration;
public class Write {
  static int value = 0;
  static ImagePlus make(int c, int z, int t) {
    ImageStack stack = new ImageStack(40, 32);
    for (int k = 0; k < t; k++) for (int j = 0; j < z; j++) for (int i = 0; i < c; i++) {
      short[] plane = new short[1280];
      for (int n = 0; n < 1280; n++) plane[n] = (short) (((k * c + i) * z + j) * 1280 + n);
      stack.addSlice(c == 1 ? null : i == 0 ? "DAPI" : "GFP", plane);
    }
    ImagePlus made = new ImagePlus("x", stack);
    made.setDimensions(c, z, t); made.setOpenAsHyperStack(true);
    return made;
  }
  static void save(String path, int c, int z, int t, double x, double y, double step,
                   String unit, double interval, String time, double rate) {
    ImagePlus made = make(c, z, t);
    Calibration to = made.getCalibration();
    if (x > 0) { to.pixelWidth = x; to.pixelHeight = y; to.setUnit(unit); }
    to.pixelDepth = step; to.frameInterval = interval; to.setTimeUnit(time); to.fps = rate;
    FileSaver saver = new FileSaver(made);
    if (made.getStackSize() > 1) saver.saveAsTiffStack(path); else saver.saveAsTiff(path);
  }
  public static void main(String[] a) {
    String d = a[0] + "/imagej_";
    save(d + "hyperstack.tif", 2, 3, 4, .1, .2, .5, "\\u00b5m", 2.5, "sec", 0);
    save(d + "step of 1 micron.tif", 1, 3, 1, .1, .2, 1, "micron", 0, "sec", 0);
    save(d + "nm and ms.tif", 1, 1, 4, 100, 200, 1, "nm", 2500, "ms", 0);
    save(d + "frame rate only.tif", 1, 1, 4, 0, 0, 1, "", 0, "sec", 0.4);
    save(d + "inch.tif", 1, 1, 1, 1 / 254000., 1 / 127000., 1, "inch", 0, "sec", 0);
    save(d + "cm.tif", 1, 1, 1, 1e-5, 2e-5, 1, "cm", 0, "sec", 0);
    save(d + "no size.tif", 1, 1, 1, 0, 0, 1, "", 0, "sec", 0);
  }
}
"""
IMAGEJ_HOLDS = {
    "hyperstack": ("TCZYX", SIZE, CHANNELS),
    "step of 1 micron": ("ZYX", known("YX") | {"Z": 1.0}, ()),
    "nm and ms": ("TYX", known("TYX"), ()),
    "frame rate only": ("TYX", {"T": 2.5}, ()),
    "inch": ("YX", known("YX"), ()),
    "cm": ("YX", known("YX"), ()),
    "no size": ("YX", {}, ()),
}


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    print("| writer | layout | axes | size and unit | channels | values | notes |")
    print("|---|---|---|---|---|---|---|")
    tried = failed = 0
    for case in (*CASES, *_others(), *_imagej(folder)):
        columns = _tried(case, folder)
        tried += 1
        failed += any(column not in ("ok", "") for column in columns[:4])
        print(f"| {case.writer} | {case.layout} | {' | '.join(columns)} |", flush=True)
    print(f"\n{tried} tried, {failed} wrong. Not installed: {', '.join(_lacking()) or 'none'}.")


def _tried(case: Case, folder: Path) -> list[str]:
    path = folder / f"{case.writer}_{case.layout}{case.ending}".replace("/", "-")
    if path.is_dir():
        shutil.rmtree(path)
    try:
        case.write(path)
        with read(path, axes=case.asked) as found:
            same = found.data.shape == case.data.shape
            return [
                _ok(found.axes, case.axes),
                _ok({a: float(f"{s:.6g}") for a, s in found.pixel_size.items()}, dict(case.size)),
                _ok(found.channel_names, case.channels),
                _ok(same and bool(np.array_equal(found.data.compute(), case.data)), True),
                " ".join(found.notes),
            ]
    except PhotonDenoiseError as error:
        return [f"refused: {error}", "", "", "", ""]


def _ok(found: object, expected: object) -> str:
    return "ok" if found == expected else f"{found} instead of {expected}"


def _bioio_tiff(path: Path) -> None:
    from bioio_base.types import PhysicalPixelSizes
    from bioio_ome_tiff.writers import OmeTiffWriter

    sizes = PhysicalPixelSizes(Z=0.5, Y=0.2, X=0.1)
    names = list(CHANNELS)
    OmeTiffWriter.save(
        image("TCZYX"), path, "TCZYX", channel_names=names, physical_pixel_sizes=sizes
    )


def _bioio_zarr(version: int) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        from bioio_ome_zarr.writers import Channel, OMEZarrWriter

        data = image("TCZYX")
        writer = OMEZarrWriter(
            str(path),
            level_shapes=[data.shape],
            dtype=data.dtype,
            zarr_format=version,
            axes_names=list("tczyx"),
            axes_types=["time", "channel", "space", "space", "space"],
            axes_units=["second", None, "micrometer", "micrometer", "micrometer"],
            physical_pixel_size=[2.5, 1.0, 0.5, 0.2, 0.1],
            channels=[Channel(label=name, color="FFFFFF") for name in CHANNELS],
        )
        writer.write_full_volume(data)

    return write


def _ngff_zarr(version: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        import ngff_zarr

        made = ngff_zarr.to_ngff_image(
            image("TCZYX"),
            dims=list("tczyx"),
            scale={"t": 2.5, "z": 500.0, "y": 200.0, "x": 100.0},
            axes_units={"t": "second", **dict.fromkeys("zyx", "nanometer")},
        )
        levels = ngff_zarr.to_multiscales(made, scale_factors=[])
        ngff_zarr.to_ngff_zarr(str(path), levels, version=version)

    return write


def _ome_writers(kind: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        import ome_writers

        units = {"t": "second", "c": None, "z": "micrometer", "y": "micrometer", "x": "micrometer"}
        scales = {"t": 2.5, "z": 0.5, "y": 0.2, "x": 0.1}
        data = image("TCZYX")
        dims = [
            ome_writers.Dimension(
                name=name, count=count, unit=units[name], scale=scales.get(name),
                coords=list(CHANNELS) if name == "c" else None,
                type={"t": "time", "c": "channel"}.get(name, "space"),
            )
            for name, count in zip("tczyx", data.shape, strict=True)
        ]  # fmt: skip
        settings = ome_writers.AcquisitionSettings(
            root_path=str(path), dimensions=dims, dtype="uint16", format=kind, overwrite=True
        )
        with ome_writers.create_stream(settings) as stream:
            for plane in data.reshape(-1, *data.shape[-2:]):
                stream.append(plane)

    return write


def _simple_itk(path: Path) -> None:
    import SimpleITK

    made = SimpleITK.GetImageFromArray(image("ZYX"))
    made.SetSpacing((0.1, 0.2, 0.5))
    SimpleITK.WriteImage(made, str(path))


def _bdv(path: Path) -> None:
    import npy2bdv

    data = image("TCZYX")
    path.with_suffix(".xml").unlink(missing_ok=True)
    writer = npy2bdv.BdvWriter(str(path), nchannels=data.shape[1], overwrite=True)
    writer.set_attribute_labels("channel", CHANNELS)
    sizes = {"voxel_size_xyz": (0.1, 0.2, 0.5), "voxel_units": "um"}
    for t, c in np.ndindex(data.shape[:2]):
        writer.append_view(data[t, c], time=t, channel=c, **sizes)
    writer.write_xml()
    writer.close()


def _hdf5(path: Path) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        file["t0/channel0"] = image("ZYX")
        file["t0/channel0"].attrs["element_size_um"] = (0.5, 0.2, 0.1)


def _n5(path: Path) -> None:
    import tensorstore

    data = image("ZYX")
    said = {"dataType": "uint16", "dimensions": data.shape[::-1], "blockSize": [16] * 3}
    said |= {"compression": {"type": "gzip"}, "resolution": [0.1, 0.2, 0.5], "units": ["um"] * 3}
    place = {"driver": "n5", "kvstore": f"file://{path.absolute()}", "metadata": said}
    tensorstore.open(place, create=True).result().write(data.T).result()


OTHERS = {
    "bioio_ome_tiff": [
        Case("bioio", "OME-TIFF", _bioio_tiff, "TCZYX", ".ome.tif", known("ZYX"), CHANNELS)
    ],
    "bioio_ome_zarr": [
        Case("bioio", f"OME-Zarr, zarr {v}", _bioio_zarr(v), "TCZYX", ".ome.zarr", SIZE, CHANNELS)
        for v in (2, 3)
    ],
    "ngff_zarr": [
        Case("ngff-zarr", f"OME-Zarr {v}", _ngff_zarr(v), "TCZYX", ".ome.zarr", SIZE)
        for v in ("0.4", "0.5")
    ],
    # Its OME-TIFF holds no interval.
    "ome_writers": [
        Case("ome-writers", "OME-TIFF", _ome_writers("ome-tiff"), "TCZYX", ".ome.tif",
             known("ZYX"), CHANNELS),
        Case("ome-writers", "OME-Zarr", _ome_writers("ome-zarr"), "TCZYX", ".ome.zarr", SIZE,
             CHANNELS),
    ],
    "SimpleITK": [Case("SimpleITK", "TIFF", _simple_itk, "ZYX", size={}, asked="ZYX")],
    "cv2": [OPENCV],
    "npy2bdv": [Case("npy2bdv", "BigDataViewer", _bdv, "TCZYX", ".h5", known("ZYX"), CHANNELS)],
    "h5py": [Case("h5py", "HDF5 as Fiji has it", _hdf5, "ZYX", ".h5", known("ZYX"))],
    "tensorstore": [Case("tensorstore", "N5", _n5, "ZYX", ".n5", known("ZYX"))],
}  # fmt: skip


def _others() -> list[Case]:
    return [case for module, cases in OTHERS.items() if find_spec(module) for case in cases]


def _lacking() -> list[str]:
    imagej = [] if IJ_JAR.is_file() and shutil.which("java") else ["ImageJ"]
    return [module for module in OTHERS if not find_spec(module)] + imagej


def _imagej(folder: Path) -> list[Case]:
    """Write with ImageJ itself, without a window."""
    if "ImageJ" in _lacking():
        return []
    source = folder / "Write.java"
    source.write_text(IMAGEJ, encoding="utf-8")
    command = ["java", "-Djava.awt.headless=true", "-cp", str(IJ_JAR), str(source), str(folder)]
    subprocess.run(command, check=True)

    def copy_of(layout: str) -> Callable[[Path], None]:
        return lambda path: shutil.copy(folder / f"imagej_{layout}.tif", path)

    return [
        Case("ImageJ", layout, copy_of(layout), axes, size=size, channels=channels)
        for layout, (axes, size, channels) in IMAGEJ_HOLDS.items()
    ]


if __name__ == "__main__":
    main()
