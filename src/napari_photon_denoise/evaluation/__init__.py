"""What a result is worth: of one image, of several methods, of methods times images.

- `image`: all figures of one denoised image; `methods`: several methods side by side on one
  region; `study`: methods times images, resumably.
- `figures`: the table of all figures, each declared once; `figure`: what a figure is, and what it
  is of one image; `numbers`: how that is written.
- `evidence`: what image, photons and camera say together; `ranking`: methods judged by photons
  that none has seen; `resolution`: the finest detail before and after.
- `method_run`: run a method on photons that no file holds; `plane`: the plane that is shown.
"""
