"""The dock "Clusters": which pixels look alike, as a layer of labels, and how many kinds there are.

`form` is the choice, `controller` what happens with it, `labels` the layer, `sweep_plot` the
figures over the number of clusters.
"""
