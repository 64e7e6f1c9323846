"""A stranger's image: how well it is estimated and denoised when nobody tells its camera.

    python -m benchmarks.blind --no-network --cache FOLDER      variances and lengths: fast
    python -m benchmarks.blind --cache FOLDER --csv FILE        what not to be told costs, in dB
    python -m benchmarks.blind --data DATA --kind real          real images with truth

`scenes` are photographed by `exposures`, and `processing` does to them what other programs do.
`family` lists all that, `truth` measures mean, variance and correlation over many repeats, and
`real` reads images whose truth is known otherwise. `figures` compares what an image told with
what is true, `network` does so with what is denoised, `summary` counts.
"""
