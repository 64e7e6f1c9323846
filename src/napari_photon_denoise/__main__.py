"""``python -m napari_photon_denoise`` is ``photon-denoise``."""

import sys

from napari_photon_denoise.cli import main

sys.exit(main())
