"""The study of Xypakis et al. 2023 (doi:10.1364/OE.504606), repeated with this package.

What is measured, remembered and drawn is `npd.study`'s; here is what it does not have. `nets` lists
the networks, `content` draws what they learn from, `training` trains them one after the other.
`series` and `sampling` are the images, `methods` what is run on them, `runs` brings these together.
`summary`, `tables`, `words` and `definitions` answer the page's questions, `figures` takes the
package's drawings, `sections` is the page. From the repository's root:

    python -m benchmarks.study train -o FOLDER
    python -m benchmarks.study run docs/study.md -o FOLDER --data DATA

Both may be stopped and started again; what is done is not done twice.
"""
