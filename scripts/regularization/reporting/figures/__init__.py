"""The report's figures, one module a question. Each has `exhibits(tables)`: empty where the study lacks the data.

catalogue.py   every figure: its module, its tables, its place in the report
drawing.py     a figure of the catalogue drawn
exhibit.py     a drawing with its words and data, and how it is stored
marks.py       the values that a drawing shows at which place
vector.py      what becomes of the drawing's SVG
style.py       the palette and type that all share
axes.py        axes, lines and legends that several share
"""
