"""From tables to a report: Jinja2 → Markdown → pandoc → HTML, and pandoc → Typst → PDF.

tables.py     reading the study's tables and asking them questions
words.py      numbers and lists as a reader wants to see them
findings.py   what the study found, one function a finding, every number computed
ledger.py     the claims and their verdicts
facts.py      smaller facts that the sections' text needs
unaccounted.py  which trained runs' risk has no account, and why
numbering.py  figure, table and equation numbers, the same in HTML and PDF
svg.py        figures made fit for inlining into a page
fonts.py      the page's fonts, cut down to the glyphs it uses
markdown.py   the sections rendered to one Markdown text
explorer.py   curves, weights and numbers that the page's sliders walk through
downloads.py  files that the page carries
html.py       Markdown → one self-contained page
pdf.py        Markdown → Typst → PDF/UA-1
"""
