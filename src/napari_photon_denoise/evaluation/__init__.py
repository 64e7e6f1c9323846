"""What a result is worth: figures of one image (`image`), of several methods on one image
(`methods`), and of methods times images (`study`).

- `figures`: a line of the table; `ranking`: methods judged by photons that none has seen;
  `resolution`: the finest detail before and after.
- `method_run`: run a method on photons that no file holds; `plane`: the plane that is shown.
"""
