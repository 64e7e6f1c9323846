"""The report of a calibration: one HTML page to read, sign and keep, and the same as JSON.

`write_report` makes the page (`page` puts it together from the pictures of `curves` and
`maps` and the words of `words`), `write_facts` the JSON of `report_facts`.
"""

from napari_photon_denoise.reports.camera.files import write_facts, write_report
from napari_photon_denoise.reports.camera.words import conclusion, headline

__all__ = [
    "conclusion",
    "headline",
    "write_facts",
    "write_report",
]
