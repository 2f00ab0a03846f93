"""The JSON schema and the documentation of `config.yaml`, written from the records that check it.

Usage, in the project's folder, after a change of the records: PYTHONPATH=scripts python -m regularization.study.reference
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from regularization.settings import EXPERIMENTS
from regularization.study.checking.problems import in_words, resolved
from regularization.study.configuration import adapter

SCHEMA = Path("workflow/schemas/config.schema.yaml")
DOCUMENT = Path("docs/configuration.md")
HEADER = """\
# Every key of config.yaml

*Written by `python -m regularization.study.reference` from the records that check the configuration
(`study/configuration.py`, `settings.py`): change them, not this file.*

A preset holds what differs from `config.yaml`: keys are merged one by one, lists are replaced as a whole. Unknown keys are
errors. YAML reads `1e-3` as text: write `0.001` or `1.0e-3`. Rules between keys (names that exist, a batch no larger than
its training set, …) are checked with the types, before anything runs; everything that is wrong is reported at once.
"""


def schema() -> dict[str, Any]:
    """The JSON schema of `config.yaml`, for editors that complete and check."""
    found: dict[str, Any] = _closed(adapter().json_schema())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "written by python -m regularization.study.reference",
        **found,
    }


def _closed(part: Any) -> Any:
    """A copy in which objects refuse unknown keys, without titles and without defaults that mean "left out"."""
    if isinstance(part, list):
        return [_closed(item) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {key: _closed(item) for key, item in part.items() if not isinstance(item, str) or key != "title"}
    if kept.get("default") == []:
        del kept["default"]
    return {"additionalProperties": False} | kept if kept.get("type") == "object" else kept


def document() -> str:
    """The reference of all keys, in Markdown."""
    keys = {name: resolved(part) for name, part in schema()["properties"].items()}
    catalogues = {name: _kind_of_setting(keys["settings"]["properties"][name]) for name in EXPERIMENTS}
    return "\n".join(
        [
            HEADER,
            *_section("The file", {**keys}, [name for name in keys]),
            *_section("fashion_mnist", keys["fashion_mnist"]["properties"], keys["fashion_mnist"]["required"]),
        ]
    ) + "\n".join(catalogues)


def _kind_of_setting(part: Mapping[str, Any]) -> Mapping[str, Any]:
    return resolved(next(iter(part["patternProperties"].values())))


def _section(*_: Any) -> Iterator[str]:
    yield ""
