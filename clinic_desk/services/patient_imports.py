"""The imports that there were: who took over which file when, and what became of its rows.

An import that was cut off (the computer was switched off) stays without an end; begun again
with the same file it goes on, and is another line of the list.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from clinic_desk.models.imports import PatientImport
from clinic_desk.rules import fold
from clinic_desk.services import patient_import
from clinic_desk.services.actor import Actor
from clinic_desk.services.diary_view import instant
from clinic_desk.services.patient_import import UPLOAD, Outcome, RowResult
from clinic_desk.services.patient_table import TableForm
from clinic_desk.services.work import Work, command, query

LIST = "Import Customer Get All"
MOST = 500
"""So many imports the list shows, the newest."""

LONGEST_NAME = 255
LONGEST_PLACE = 1_000

_COLUMNS = {
    Outcome.CREATED: "created",
    Outcome.DUPLICATE: "duplicates",
    Outcome.CONSENT: "consents",
    Outcome.ERROR: "errors",
    Outcome.NOT_DONE: "not_done",
}


@dataclass(frozen=True, slots=True)
class ImportCard:
    """One import. ``counts`` are rows of the file by what became of them, those with any;
    empty, and ``ended_at`` None, where it was cut off or still runs. ``result_place`` is a path
    on the computer that did it.
    """

    id: int
    file_name: str
    who: str
    began_at: datetime
    ended_at: datetime | None
    counts: tuple[tuple[Outcome, int], ...]
    result_place: str

    @property
    def taken(self) -> int:
        """How many rows became patients."""
        return dict(self.counts).get(Outcome.CREATED, 0)

    @property
    def refused(self) -> int:
        """How many rows did not."""
        return sum(count for _outcome, count in self.counts) - self.taken


@query(LIST)
def imports(actor: Actor, *, limit: int = MOST) -> tuple[ImportCard, ...]:
    """The newest imports of the organisation, the newest first; one query."""
    numbers = ", ".join(f"i.{name}" for name in _COLUMNS.values())
    found = actor.store.rows(
        "SELECT i.id, i.file_name, COALESCE(u.display_name, ''), i.began_at, i.ended_at,"  # noqa: S608 - our own names
        f" i.result_place, {numbers} FROM patient_import i"
        " LEFT JOIN user_account u ON u.id = i.user_id WHERE i.organisation_id = ?"
        " ORDER BY i.began_at DESC, i.id DESC LIMIT ?",
        (actor.organisation_id, limit),
    )
    return tuple(
        ImportCard(
            number,
            name,
            who,
            instant(began),
            None if ended is None else instant(ended),
            tuple((o, n) for o, n in zip(_COLUMNS, counts, strict=True) if n),
            place,
        )
        for number, name, who, began, ended, place, *counts in found
    )


def run(
    actor: Actor,
    path: Path,
    form: TableForm,
    *,
    result: Path | None = None,
    progress: Callable[[int], None] = lambda _rows: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[RowResult]:
    """Import as :func:`patient_import.run` does, and keep that it was done. *result* is where
    the caller writes what became of each row.
    """
    patient_import.require(actor, form)
    place = "" if result is None else str(result.absolute())
    number = begin(actor, _kept(path.name, LONGEST_NAME), _kept(place, LONGEST_PLACE)).value
    counts: Counter[Outcome] = Counter()
    try:
        for found in patient_import.run(actor, path, form, progress=progress, cancelled=cancelled):
            counts[found.outcome] += 1
            yield found
    finally:
        end(actor, number, {str(outcome): count for outcome, count in counts.items()})


@command(UPLOAD, action="import.begin")
def begin(work: Work, file_name: str, result_place: str, *, request_id: str | None = None) -> int:
    """An import of the file of this name begins; its number. Raises ``Invalid`` for names that
    are no text.
    """
    name = fold.clean("file_name", file_name, longest=LONGEST_NAME)
    place = fold.clean("result_place", result_place, longest=LONGEST_PLACE)
    work.lock()
    row = work.create(
        PatientImport,
        uuid=str(uuid.uuid4()),
        user_id=work.actor.user_id,
        file_name=name,
        result_place=place,
        began_at=work.now,
        created=0,
        duplicates=0,
        consents=0,
        errors=0,
        not_done=0,
        version=1,
    )
    return int(row.id)


@command(UPLOAD, action="import.end")
def end(
    work: Work, import_id: int, counts: dict[str, int], *, request_id: str | None = None
) -> None:
    """It ended: rows of the file by what became of them (outcome to number). Raises
    ``NotFound``.
    """
    (found,) = work.lock(work.locked_row(PatientImport, import_id))
    row = work.found(PatientImport, found)
    told = {_COLUMNS[Outcome(name)]: count for name, count in counts.items()}
    work.change(row, ended_at=work.now, **told)


def _kept(text: str, longest: int) -> str:
    """*text* as it can be written down: a name of a file may hold signs that are no text."""
    shown = "".join(sign if sign.isprintable() else "?" for sign in text)
    return shown.encode("utf-8", "replace").decode("utf-8")[-longest:]
