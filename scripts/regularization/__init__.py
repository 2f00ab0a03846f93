"""The library behind the study: everything but the workflow.

Read it in the order of the data: `configuration` → `plan` → `streams` → `tasks` and `methods` →
`training` → `aggregation` → `theory` → `figures` → `reporting`. `textbook` stands beside `training` as its
reference. Nothing here knows Snakemake.
"""
