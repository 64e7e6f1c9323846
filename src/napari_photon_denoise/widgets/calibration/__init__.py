"""The dock widget "Calibrate camera": a camera's numbers from frames, or from an image.

`widget` runs the work that its two pages ask for. `frames_page` takes stacks (`sources`,
`guess`, `stack_table`), starts the job (`live` watches it) and shows what came out
(`curve_plot`, `verdict_list`, `result_box`, `maps`, `drift`); `estimate_page` asks an
image. `hand_over` brings a calibration to the widget "Photon denoise".
"""
