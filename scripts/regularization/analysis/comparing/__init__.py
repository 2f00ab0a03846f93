"""Two results folders, of two machines, two versions or two ways to run the same study: what differs, and by how much.

tables.py      one table of both, in bounded memory
provenance.py  what the results come from: configuration, code, versions, machines
verdict.py     everything together, in words
"""
