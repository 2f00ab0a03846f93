"""The benchmark: how fast the engine trains, beside the chapter's loops, JAX and bare matrix products.

Both sides of a measure take turns in one run; a side's value is the median of its turns. What runs on one core is timed
by the seconds of that core (`time.process_time`), so that a busy machine disturbs little.
"""
