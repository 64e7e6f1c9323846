"""Training: from pairs, from noisy images alone, from recipes, as a job that can be stopped.

- `training`: the loop, whatever is taught; `plan`, `work`, `checkpoint`: what it needs and keeps.
- `pairs`, `blind_spot`, `adapting`, `recipes`: what is taught.
"""
