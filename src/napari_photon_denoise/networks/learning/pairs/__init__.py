"""Training on a user's own pairs: the same scenes, noisy and clean.

`match` pairs files by their names, `images` opens and checks them, `survey` looks at them once,
`regions` keeps some aside, `patches` cuts and turns, `settings` are the user's choices and
`plan_pairs` brings all together. Only `patches` and `plan_pairs` need torch.
"""
