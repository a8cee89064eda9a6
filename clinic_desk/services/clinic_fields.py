"""What the pages of the clinic's set-up have in common: texts, colours, hours as rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import peewee

from clinic_desk.rules import colour as colours
from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.hours import EVEN, EVERY, ODD, Weekly
from clinic_desk.rules.words import N_

if TYPE_CHECKING:
    from clinic_desk.services.work import Work

LONGEST_NAME = 120
LONGEST_CODE = 20
OVERLAP = N_("Two pieces of these hours overlap. Shorten one of them.")
MOST_PIECES = 40
"""So many pieces of hours one week may have; two such weeks fit in one deed."""


def required(field: str, text: str, *, longest: int = LONGEST_NAME) -> str:
    """*text* as it is stored. Raises ``Invalid`` where it is blank or too long."""
    found = fold.clean(field, text, longest=longest)
    if not found:
        raise Invalid(field, N_("This cannot be empty."))
    return found


def free_name(field: str, name: str, others: Iterable[str]) -> None:
    """Raise ``Invalid`` where one of *others* reads as *name* does, but for case and accents."""
    if fold.key(name) in {fold.key(other) for other in others}:
        raise Invalid(field, N_("“{name}” is there already. Choose another name."), name=name)


def colour(text: str) -> str:
    """*text* as ``#rrggbb`` in small letters. Raises ``Invalid``."""
    return colours.text_of(colours.parse(text.strip()))


def known(field: str, number: int | None, shelf: Collection[int]) -> None:
    """Raise ``Invalid`` where *number* is none of *shelf*; None is nothing."""
    if number is not None and number not in shelf:
        raise Invalid(field, N_("This choice does not exist any more. Choose another."))


def tidy_week(
    field: str, weekly: Iterable[Weekly], *, most: int = MOST_PIECES
) -> tuple[Weekly, ...]:
    """Hours in order. Raises ``Invalid`` where two of one place overlap, or there are too many.

    Pieces that touch stay two; the same minutes in odd and in even weeks become every week's.
    """
    found = _joined(set(weekly))
    if len(found) > most:
        raise Invalid(field, N_("A week has {most} pieces of hours at most."), most=most)
    for weeks in (ODD, EVEN):
        here = [w for w in found if w.weeks in (EVERY, weeks)]
        for one, other in pairwise(sorted(here, key=lambda w: (w.weekday, w.starts_minute))):
            if one.weekday == other.weekday and other.starts_minute < one.ends_minute:
                raise Invalid(field, OVERLAP)
    return found


def in_order(weekly: Iterable[Weekly]) -> tuple[Weekly, ...]:
    """Hours as lists show them: by day, then by time."""
    return tuple(
        sorted(
            weekly,
            key=lambda w: (
                w.weekday,
                w.starts_minute,
                w.ends_minute,
                w.weeks,
                w.location_id or 0,
                w.operatory_id or 0,
            ),
        )
    )


def _joined(found: set[Weekly]) -> tuple[Weekly, ...]:
    for one in [w for w in found if w.weeks == ODD]:
        twin = replace(one, weeks=EVEN)
        if twin in found:
            found = (found - {one, twin}) | {replace(one, weeks=EVERY)}
    return in_order(found)


def rewrite(
    work: Work,
    standing: Sequence[peewee.Model],
    wanted: Iterable[Any],
    seen_as: Callable[[Any], Any],
    create: Callable[[Any], object],
) -> None:
    """Take away the rows of *standing* that are not *wanted* any more, and make the new ones."""
    left = set(wanted)
    for row in standing:
        value = seen_as(row)
        if value in left:
            left.discard(value)
        else:
            work.delete(row)
    for value in sorted(left, key=repr):
        create(value)
