"""Figures of the catalogue, drawn."""

from __future__ import annotations

from importlib import import_module

from regularization.analysis.tables import Tables
from regularization.reporting.drawing import style
from regularization.reporting.drawing.catalogue import FIGURES
from regularization.reporting.drawing.exhibit import Exhibit


def draw(name: str, tables: Tables) -> Exhibit | None:
    """Draw one figure of the catalogue; None where the study lacks the data for it.

    Raises:
        KeyError: if the catalogue has no such figure.
    """
    return {exhibit.name: exhibit for exhibit in _drawn_by(FIGURES[name].module, tables)}.get(name)


def draw_all(tables: Tables) -> list[Exhibit]:
    """Every figure that the study has the data for, in the report's order."""
    modules = dict.fromkeys(figure.module for figure in FIGURES.values())
    drawn = {exhibit.name: exhibit for module in modules for exhibit in _drawn_by(module, tables)}
    return [drawn[name] for name in FIGURES if name in drawn]


def _drawn_by(module: str, tables: Tables) -> list[Exhibit]:
    style.apply()
    return list(import_module(f"regularization.reporting.figures.{module}").exhibits(tables))
