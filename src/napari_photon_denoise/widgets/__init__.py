"""napari: the docks, and the reader, writer and samples (`contributions`).

Qt, magicgui and napari are imported here and nowhere else. A folder is a dock: `denoise`,
`compare`, `learning`, `calibration`, and `plots` (line profile and histogram); its `widget`
puts controls together, its `controller`, where there is one, decides and imports no Qt.
What docks are made of lies in `parts`:

- `dock` is run bar (`run_bar` with `status`), thread (`worker`), and what happens when napari
  closes it; `dock_controller` is what it does and says, `work` what it is given to do. `latest`
  computes anew whatever changes, and stops what is out of date.
- `source`, `camera`, `form` with `boxes`, `result` and `layer_ticks` ask for an image, its
  camera, a method, how to give the result, and more layers; `model_card` explains. The pages of
  `camera` are `image_page` and `camera_pages`; `estimates` finds out what images tell of their
  own noise, once for all docks, and `doubts` (shown by `doubt_box`) what speaks against a camera.
- `canvas` with `axes` is what plots are drawn on, `saving` asks where to save.
- `layout` and `pages` arrange controls, `hooks` are connections to napari that can be cut.
- `layers`, `units` and `origins` translate between napari's layers and photons; `task` is one
  layer to denoise, `region` the part of it that is on the screen; `settings` are Preferences.

A dock says what is its own::

    class FolderWidget(QWidget):
        def __init__(self, napari_viewer):
            super().__init__()
            self.camera, self.method = CameraPicker(viewer), MethodPicker(METHODS)
            self.dock = Dock(self, self.work)
            groups = stack(QWidget(), group("Camera", self.camera), group("Method", self.method))
            self.dock.bar.name_run("&Run", "Denoise all images of the folder.")
            self.dock.fill(scrolled(groups), width=300)

        def work(self):
            job = folder_job(self.camera.value(), self.method.value())
            return Work(job, "Denoising a folder", self.done)

and is named in `napari.yaml`. What `work` refuses is said, progress is shown, cancelling works.
"""
