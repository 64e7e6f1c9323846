"""A fault of napari 0.9.2 that ends programs under Mesa, kept out of tests and scripts of pictures.

When a layer is removed, `VispyCanvas._clean_and_update_scenegraph` (`napari/_vispy/canvas.py`)
calls `context.finish()`. It does so outside a paint, while another GL context may be current,
such as that of an earlier window: deletions that vispy has queued then hit objects of that one,
which have the same numbers. Mesa, which draws where there is no graphics card, ends with a
segmentation fault in a later `glDrawArrays`: add two layers, remove both, add one. With the
canvas' own context made current before, it does not.

Only for our tests and scripts, which run under Xvfb. Users are told in the guide.
"""

from functools import wraps


def hold_context():
    """Make the canvas' own GL context current before napari cleans up after a removed layer."""
    from napari._vispy.canvas import VispyCanvas

    clean_up = getattr(VispyCanvas, "_clean_and_update_scenegraph", None)  # napari 0.9.2 has it
    if clean_up is None or hasattr(clean_up, "__wrapped__"):
        return

    @wraps(clean_up)
    def with_context(self):
        self._scene_canvas.set_current()
        clean_up(self)

    VispyCanvas._clean_and_update_scenegraph = with_context
