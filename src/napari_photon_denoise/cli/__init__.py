"""The command line: ``photon-denoise``.

Bad input ends with exit code 2 and one sentence, never with a traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from napari_photon_denoise.cli.signals import exit_code, stop_if_asked, stoppable, was_asked
from napari_photon_denoise.cli.streams import STDERR, be_lenient


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0 if all is well, 1 for a calibration that fails its tests, 2 for bad input, 3 for a fault of
    this program, and 128 and its number for a signal that stopped it: 130 for Ctrl-C.
    """
    be_lenient()
    words = list(sys.argv[1:] if arguments is None else arguments)
    with stoppable():
        try:
            # Takes a second or more, in which Ctrl-C is pressed as well.
            from napari_photon_denoise.cli.commands import run

            stop_if_asked()
            return run(words)
        except KeyboardInterrupt:
            pass
        except Exception:
            if not was_asked():  # else what a library made of that
                raise
        STDERR.write("error: Stopped; what was half done has been removed.\n")
        return exit_code()
