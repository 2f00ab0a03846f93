"""From tables to a report: Jinja2 → Markdown → pandoc → HTML, and pandoc → Typst → PDF.

`facts` computes what the text says, `figures` draws and hands out facts, `drawing` is what all figures share, and
`page` makes the document. Every word of it is a template in `report/`.
"""
