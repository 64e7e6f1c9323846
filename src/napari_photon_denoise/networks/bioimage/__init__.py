"""Models as packages of the BioImage Model Zoo (https://bioimage.io), format 0.5.

A package is a zip that other programs can run without this one: the network as TorchScript, a
test tile with its result, and a description. Our own file lies in it too, so that an import gives
back the very same model. Neither way needs more than this program; `verify` runs the test of
bioimageio.core, which is an extra.
"""
