"""The dock widgets "Line profile" and "Histogram": layers drawn as curves, in photons.

`sources` is the list of layers that both begin with: `layer_list` chooses them, `choice` is
what plots of one viewer chose together, `values` says what a layer's values are, `colours`
what they are drawn in. `view` finds a layer's plane in what the viewer shows and `planes`
reads it. `line` follows the Shapes layer, `profiles` and `histograms` measure, `profile_plot`
and `histogram_plot` draw, `save_row` exports with `saving`. `evidence` makes layers of what a
denoiser removed.
"""
