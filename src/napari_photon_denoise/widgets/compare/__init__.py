"""The widget "Compare methods": several methods on what is on the screen, side by side.

- `widget` puts together `methods` and `images` (what to compare), `result_box` with `table`
  (what came out) and `view_picker` (how to look at it).
- `request` is one comparison as the controls describe it; `alignment` finds a layer's pixels
  in another one.
- `shown` holds the layers of a comparison; `views` arranges them, with `grid`, `flicker` and
  `swipe`.
- `hand_over` takes the method that was chosen to the widget that denoises.
"""
