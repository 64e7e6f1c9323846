"""Training: from pairs, from noisy images alone, from recipes, as a job that can be stopped.

- `lesson`: what is taught, in general; `pairs`, `blind_spot`, `adapting`, `recipes`: in particular,
  each with a job that makes a `plan` of what the user has chosen.
- `learner` carries out a plan, whichever it is: watched, stopped, taken up again, ended early.
- `training` is its loop; `folder` and `checkpoint` are what it keeps meanwhile.
"""
