"""Cells of a table that another program opens: what would be reckoned there is only shown."""

from __future__ import annotations

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
"""A cell that begins so is a formula to some program."""

MARK = "'"


def harmless(text: str) -> str:
    """*text* as a cell that no program takes for a formula."""
    return f"{MARK}{text}" if text.startswith(DANGEROUS) else text


def plain(text: str) -> str:
    """A cell as it was before :func:`harmless`."""
    marked = text.startswith(MARK) and text[1:].startswith(DANGEROUS)
    return text[1:] if marked else text
