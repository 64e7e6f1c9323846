"""How good a denoiser is on real and simulated images whose truth is known.

`case` says what one test is, `sets` lists all of them (`pairs`, `repeats`, `correlated` and
`simulated` make them, `camera` fits gain and offset), `peers` are the methods to beat, `score`
compares any function from a case to photons. From the repository's root:

    python -m benchmarks.validation DATA --cache FOLDER --quick
    python -m benchmarks.validation DATA --cache FOLDER --weights FILE --json F
"""
