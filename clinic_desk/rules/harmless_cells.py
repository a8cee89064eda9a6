"""Cells of a table that another program opens: what would be reckoned there is only shown.

A cell is not only what stands between our own separators: a program that goes by semicolons
cuts a text at each of them and at the ends of its lines, and no quotation mark keeps it from
that.
"""

import re

DANGEROUS = "=+\\-@\t\r\n\0＝＋－＠"
"""A cell that begins so, blanks and invisible signs aside, is a formula to some program."""

MARK = "'"

_BLANK = "[ \u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u2064\u2066-\u2069\u3000\ufeff]*"
_BEGINNING = re.compile(f"(^|[;\r\n])(?={MARK}*{_BLANK}[{DANGEROUS}])")
_MARKED = re.compile(f"(^|[;\r\n]){MARK}(?={MARK}*{_BLANK}[{DANGEROUS}])")


def harmless(text: str) -> str:
    """*text* as a cell that no program takes for a formula."""
    return _BEGINNING.sub(rf"\1{MARK}", text)


def plain(text: str) -> str:
    """A cell as it was before :func:`harmless`."""
    return _MARKED.sub(r"\1", text)
