"""The chapter's two experiments as plain loops, one run at a time: the reference for the batched trainer.

`linear_regression` and `fashion_mlp` hold the from-scratch and the concise version of each experiment, `utilities` what
both need to train and evaluate, `live_curve` the learning curve that grows while one watches. Data, initial parameters,
batches, dropout uniforms and noise all come in as arguments; `inputs` takes them from the study's random streams and
`runs` trains any (setting, method, λ, p, seed) of the study with them, so that a run of the trainer can be checked
against it.

After Zhang, Lipton, Li & Smola, *Dive into Deep Learning*, the sections on weight decay and dropout.
"""
