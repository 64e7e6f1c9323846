"""The dock widget that learns to denoise from the noisy image itself.

`sources` says what is learnt from, `order` puts it together, `live` is the work and what can be
seen of it, `kept` finds a training that can go on, `curve_plot` and `result_box` show how it goes
and what came out, `apply` and `store` use it and keep it. `widget` puts them together.
"""
