"""The JSON schema and the documentation of `config.yaml`, written from the records that check it.

Usage, in the project's folder, after the records have changed:
PYTHONPATH=scripts python -m regularization.study.reference
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from regularization.study.checking.problems import in_words, resolved, schema

HEADER = """\
# Every key of config.yaml

*Written by `python -m regularization.study.reference` from the records that check the configuration: change
`study/configuration.py` and `settings.py` in `scripts/regularization/`, not this file.*

A preset holds what differs from `config.yaml`: keys are merged one by one, lists are replaced as a whole. Unknown keys
are errors. YAML reads `1e-3` as text: write `0.001` or `1.0e-3`. The rules between keys (names that exist, a batch no
larger than its training set, …) are checked as well before anything runs, and everything wrong is reported at once.
"""


def main() -> None:
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


def files() -> dict[Path, str]:
    """What is written, by path from the project's folder."""
    comment = "# Written by python -m regularization.study.reference: change the records, not this file.\n"
    content = {"$schema": "https://json-schema.org/draft/2020-12/schema", **_closed(schema())}
    return {
        Path("workflow/schemas/config.schema.yaml"): comment
        + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120),
        Path("docs/configuration.md"): "\n".join([HEADER, *_sections()]),
    }


def _closed(part: Any) -> Any:
    """A copy in which objects refuse unknown keys, without titles and without defaults that mean "left out"."""
    if isinstance(part, list):
        return [_closed(item) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {
        key: _closed(item)
        for key, item in part.items()
        if (key != "title" or isinstance(item, dict)) and (key, item) != ("default", [])  # a key may be called title
    }
    return kept | {"additionalProperties": False} if kept.get("type") == "object" else kept


def _sections() -> Iterator[str]:
    """One section for every kind of object, headed by the places where it stands."""
    places: dict[str, list[str]] = {}
    kinds = {}
    for place, kind in _objects("", schema()):
        places.setdefault(kind["title"], []).append(f"`{place[1:]}`" if place else "The file")
        kinds[kind["title"]] = kind
    for title, kind in kinds.items():
        yield f"## {', '.join(places[title])}\n\n{_escaped(kind['description'])}\n"
        yield "| key | allowed | default | meaning |\n|---|---|---|---|"
        for key, part in kind["properties"].items():
            meaning = " ".join((part.get("description") or resolved(part)["description"]).split())
            allowed = in_words(part).replace(", each item keys ({} for none)", " of what is below")
            allowed = allowed.replace("keys ({} for none)", "keys, see below")
            default = "required" if key in kind.get("required", ()) else _default(part["default"])
            yield f"| `{key}` | {allowed} | {default} | {_escaped(meaning)} |"
        yield ""


def _objects(place: str, part: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every object whose keys have a meaning of their own, with its place."""
    part = resolved(part)
    if "properties" in part:
        if "description" in part:
            yield place, part
        for key, below in part["properties"].items():
            yield from _objects(f"{place}.{key}", below)
    elif "patternProperties" in part:
        yield from _objects(f"{place}.<name>", next(iter(part["patternProperties"].values())))
    elif "items" in part:
        yield from _objects(f"{place}[…]", part["items"])


def _default(value: Any) -> str:
    return "left out" if value == [] else f"`{yaml.safe_dump(value, default_flow_style=True).split(chr(10))[0]}`"


def _escaped(text: str) -> str:
    return text.replace("*", r"\*").replace("|", r"\|")


if __name__ == "__main__":
    main()
