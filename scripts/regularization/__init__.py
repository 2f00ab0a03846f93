"""The library behind the study: everything but the workflow, of which nothing here knows.

Words that are close to each other, and what each means here:

    provenance   what a job records of itself: versions, processor, times, what its numbers follow from
    digest       hash of a configuration, or of the part of it that decides a cohort's runs
    fingerprint  hash of code, found from its imports
    checksum     hash of a file's bytes
    upstream     hash of all that a table follows from before its own program: a param of the workflow's rules
    key          the columns that name a cell or a run
    identity     an equation that holds exactly
"""
