"""Other programs' camera calibrations: read, converted with a sentence, and written.

Most of them state the gain as ADU/e- and the read noise as a variance in ADU²; this
package has e-/ADU and e- rms. `conversion` holds the arithmetic, and each other file one
program's format.
"""

from napari_photon_denoise.camera.formats.export import FORMATS, export_calibration
from napari_photon_denoise.camera.formats.find import import_calibration

__all__ = ["FORMATS", "export_calibration", "import_calibration"]
