"""The study of Xypakis et al. 2023 (doi:10.1364/OE.504606), repeated with this package.

`nets` lists the networks, `content` draws what they learn from, `training` trains them one
after the other, `cost` counts what they cost. `series` are the images, `methods` denoises
them, `measure` says what came out, `store` remembers it, `runs` brings these together.
`summary` and `fits` turn cells into figures, `plots` draws, `tables` and `words` write the
page. From the repository's root:

    python -m benchmarks.study train -o FOLDER
    python -m benchmarks.study run -o FOLDER --data DATA
    python -m benchmarks.study write docs/study.md -o FOLDER

All three may be stopped and started again; what is done is not done twice.
"""
