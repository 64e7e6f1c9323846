"""What a result is worth: of one image, of several methods, of methods times images.

- `image`: all figures of one denoised image; `methods`: several methods side by side on one
  region; `study`: methods times images, resumably.
- `figures`: a line of the table; `ranking`: methods judged by photons that none has seen;
  `resolution`: the finest detail before and after.
- `method_run`: run a method on photons that no file holds; `plane`: the plane that is shown.
"""
