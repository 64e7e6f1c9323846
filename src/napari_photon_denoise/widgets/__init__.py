"""napari: the dock widget, the live preview, and the reader, writer and samples.

Qt, magicgui and napari are imported here and nowhere else. Files are small parts that
know little of each other: `layers` and `units` translate between napari's layers and
photons, `task` is one piece of work, `worker` and `preview` run it in a thread, `source`,
`camera`, `form` and `exports` are the groups of controls that `denoise` puts together.
`compare` is the widget that shows methods side by side.
"""
