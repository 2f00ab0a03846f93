"""What every answer to a bad input has in common."""

from collections.abc import Collection

# How an answer says what is allowed, or what to do. Few words, so that messages stay alike.
HELP = (
    "Allowed", "allowed:", "choose from", "did you mean", "(--help tells what it takes)", ": write ", "or write ",
    "give ", "leave ", "use letters", "choose ", "name a", "name the", "add ", "make the ", "in quotes", "correct ",
    "close quotes", "indent with", "save it as", "check its name", "delete ", "supply ", "run make",
)  # fmt: skip


def check(said: str, named: Collection[str]) -> None:
    """At most two lines, no traceback; they name the key, the file or the option, and say what helps."""
    assert 1 <= len(said.splitlines()) <= 2, said
    assert "Traceback" not in said
    assert any(name in said for name in named), f"none of {named} is named: {said}"
    assert any(words in said for words in HELP), f"neither what is allowed nor what to do: {said}"
