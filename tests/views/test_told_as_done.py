"""What the message bar tells is told as done; only the menu's "Undo: …" names the deed itself."""

from __future__ import annotations

import ast
from pathlib import Path

import clinic_desk.views

DONE = {
    "Access for {program}",
    "Access of {program} withdrawn",
    "Calendar address withdrawn",
    "Webhook to {address}",
}
"""Names of deeds that say already that it is done, or are told elsewhere."""


def named(call: ast.Call) -> str:
    """The literal name of the deed that *call* sends without a text of its own for the bar."""
    given = {one.arg: one.value for one in call.keywords}
    sends = isinstance(call.func, ast.Attribute) and call.func.attr in {"do", "_send"}
    if not sends or "label" not in given or "said" in given:
        return ""
    literals = [one.value for one in ast.walk(given["label"]) if isinstance(one, ast.Constant)]
    return next((one for one in literals if isinstance(one, str)), "")


def test_no_deed_is_told_by_a_name_that_reads_like_an_order() -> None:
    told = set()
    for path in Path(clinic_desk.views.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and (name := named(node)):
                told.add(name)

    assert told == DONE
