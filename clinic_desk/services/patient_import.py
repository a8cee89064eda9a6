"""Taking over another program's patients: looked at first, then written in chunks.

A row becomes a patient as a whole or not at all. Its uuid comes from the file and the row, so
whoever begins again after a crash writes nobody twice and gets the same answer for each row.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from clinic_desk.models.people import Patient, Resource
from clinic_desk.rules import clinic_time, fold, written_dates
from clinic_desk.rules.errors import ClinicError, InUseElsewhere, Invalid, NotAllowed, Refused
from clinic_desk.rules.words import N_
from clinic_desk.services import contacts, import_known, patient_fields, patient_table
from clinic_desk.services.actor import Actor
from clinic_desk.services.import_known import Person
from clinic_desk.services.patient_fields import ALERTS
from clinic_desk.services.patient_finding import next_numbers
from clinic_desk.services.patient_table import Row, TableForm
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, command

UPLOAD = "Import Customer Upload"
AT_ONCE = 40
"""Rows of a chunk: two records each, below what one deed may hold."""

PREVIEWED = 20

NO_DATE = N_("“{text}” is no date.")
TAKEN = N_("The number {number} belongs to another patient.")
REPEATS = N_("It is the same person as in row {row}.")
NO_LAST_NAME = N_("It has no last name.")
NO_COLUMNS = N_("Say which column holds the name.")

_GENDERS = {
    "female": "f female w weiblich frau femme féminin mujer femenino feminino mulher nő أنثى",
    "male": "m male männlich mann homme masculin hombre masculino homem férfi ذكر",
}
GENDERS = {fold.key(word): name for name, words in _GENDERS.items() for word in words.split()}


class Outcome(StrEnum):
    """What becomes of a row."""

    CREATED = "created"
    DUPLICATE = "duplicate"
    CONSENT = "needs consent"
    ERROR = "error"
    NOT_DONE = "not done"


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became, or would become, of a row. ``reason`` explains it, as every refusal does, or
    says what is odd about it; ``number`` is the new patient's, or that of the one who is there
    already; ``repeats`` the row further up with the same person, or 0. ``stored`` are the fields
    as they would be stored, the name alone where the row is refused; only looking tells them.
    """

    row: Row
    outcome: Outcome
    reason: ClinicError | None = None
    number: str = ""
    repeats: int = 0
    stored: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Read:
    """A row as fields of a patient; ``number`` where the file brings its own."""

    row: Row
    uuid: str
    given: dict[str, Any]
    number: str
    refusal: ClinicError | None = None


def require(actor: Actor, form: TableForm) -> None:
    """Raise ``NotAllowed`` or ``Invalid`` unless *actor* may import what *form* reads."""
    actor.require(UPLOAD)
    actor.require("Customer Create")
    if "medical_alert" in form.columns and not actor.may(ALERTS):
        raise NotAllowed(ALERTS)
    if not {"name", "last_name", "first_name"} & set(form.columns):
        raise Invalid("columns", NO_COLUMNS)


def preview(
    actor: Actor, path: Path, form: TableForm, *, limit: int = PREVIEWED
) -> tuple[RowResult, ...]:
    """What would become of the first rows; nothing is written."""
    require(actor, form)
    mark, _size = patient_table.fingerprint(path)
    first = list(itertools.islice(_read(actor, path, form, mark), limit))
    out: list[RowResult] = []
    seen: _Seen = {}
    for chunk in _chunks(iter(first)):
        out += _judged(actor, chunk, seen)
    return tuple(out)


def dry_run(
    actor: Actor,
    path: Path,
    form: TableForm,
    *,
    progress: Callable[[int], None] = lambda _rows: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[RowResult]:
    """What would become of every row, chunk by chunk; nothing is written."""
    require(actor, form)
    mark, _size = patient_table.fingerprint(path)
    seen: _Seen = {}
    for chunk in _chunks(_read(actor, path, form, mark)):
        if cancelled():
            return
        yield from _judged(actor, chunk, seen)
        progress(chunk[-1].row.number)


def run(
    actor: Actor,
    path: Path,
    form: TableForm,
    *,
    progress: Callable[[int], None] = lambda _rows: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[RowResult]:
    """Write the patients, chunk by chunk, and tell what became of each row. After *cancelled*
    the rest of the rows is told as not done. Begun again, with the same file and form, it goes on.
    """
    require(actor, form)
    mark, _size = patient_table.fingerprint(path)
    stopped = False
    rows: dict[str, int] = {}  # by the number of the patient whom a row became
    for chunk in _chunks(_read(actor, path, form, mark)):
        stopped = stopped or cancelled()
        if stopped:
            yield from (RowResult(read.row, Outcome.NOT_DONE) for read in chunk)
            continue
        for result in _write(actor, chunk).value:
            if result.outcome is Outcome.CREATED:
                rows[result.number] = result.row.number
            elif result.outcome is Outcome.DUPLICATE and result.number in rows:
                yield _repeated(result.row, rows[result.number], result.number)
                continue
            yield result
        progress(chunk[-1].row.number)


def _chunks(reads: Iterator[_Read]) -> Iterator[list[_Read]]:
    while chunk := list(itertools.islice(reads, AT_ONCE)):
        yield chunk


# From cells to fields --------------------------------------------------------------------------


def _read(actor: Actor, path: Path, form: TableForm, mark: str) -> Iterator[_Read]:
    organisation = actor.store.catalogue(actor.organisation_id).organisation
    today = datetime.now(UTC).astimezone(clinic_time.zone(organisation.time_zone)).date()
    space = uuid.uuid5(uuid.UUID(organisation.uuid), mark)
    for row in patient_table.rows(path, form):
        own = str(uuid.uuid5(space, str(row.number)))
        if row.bad:
            refusal = Invalid("", patient_table.UNREADABLE, detail=row.bad)
            if row.bad == patient_table.FOREIGN_SIGNS:
                refusal = Invalid("", row.bad)
            yield _Read(row, own, {}, "", refusal)
            continue
        cells = {
            name: text.strip()
            for name, text in zip(form.columns, row.cells, strict=False)
            if name and text.strip()
        }
        try:
            yield _Read(row, own, _fields(cells, form, today), cells.get("number", ""))
        except Invalid as error:
            yield _Read(row, own, _names(cells), "", error)


def _fields(cells: dict[str, str], form: TableForm, today: date) -> dict[str, Any]:
    given: dict[str, Any] = {k: v for k, v in cells.items() if k in patient_fields.NAMES}
    given |= _names(cells)
    if "date_of_birth" in cells:
        born = written_dates.day(cells["date_of_birth"], form.dates, today)
        if born is None:
            raise Invalid("date_of_birth", NO_DATE, text=cells["date_of_birth"])
        given["date_of_birth"] = born
    if "gender" in given:
        given["gender"] = GENDERS.get(fold.key(given["gender"]), given["gender"])
    if "country" in given and len(given["country"]) != 2:
        del given["country"]  # a name of a country; the organisation's own is meant or unknown
    return given


def _names(cells: dict[str, str]) -> dict[str, str]:
    """First and last name. What has a cell of its own stays as it stands there; a whole name
    gives only what is missing beside it.
    """
    given: dict[str, str] = {n: cells[n] for n in ("last_name", "first_name") if n in cells}
    if "name" not in cells:
        return given
    if not given:
        last, first = _parted(cells["name"])
        return {"last_name": last, "first_name": first}
    rest = _without(cells["name"], *given.values()) if len(given) == 1 else ""
    return {"last_name": rest, "first_name": rest, **given}


def _parted(name: str) -> tuple[str, str]:
    """Last and first name of "Last, First" or "First Last"."""
    if "," in name:
        last, _, first = name.partition(",")
        return last.strip(), first.strip()
    first, _, last = name.rpartition(" ")
    return last.strip(), first.strip()


def _without(whole: str, known: str) -> str:
    """The rest of a *whole* name that begins or ends with the *known* one; else all of it."""
    words = whole.replace(",", " ").split()
    keys, part = [fold.key(word) for word in words], [fold.key(w) for w in known.split()]
    if keys[: len(part)] == part:
        words = words[len(part) :]
    elif keys[-len(part) :] == part:
        words = words[: -len(part)]
    else:
        return whole
    return " ".join(words) or whole


# What would become of them ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ready:
    """A row that can be written, with what it is stored as and by what the person is known."""

    read: _Read
    fields: dict[str, Any]
    person: Person

    def created(self, number: str) -> RowResult:
        """It became the patient with this *number*."""
        odd = None if self.fields["last_name"] else Invalid("last_name", NO_LAST_NAME)
        return RowResult(self.read.row, Outcome.CREATED, odd, number)


_Seen = dict[int, list[Person]]
"""The rows so far that become patients, by each of their marks."""


def _repeated(row: Row, earlier: int, number: str) -> RowResult:
    return RowResult(row, Outcome.DUPLICATE, Refused(REPEATS, row=earlier), number, earlier)


def _ready(actor: Actor, read: _Read) -> _Ready | RowResult:
    if read.refusal is not None:
        return RowResult(read.row, Outcome.ERROR, read.refusal)
    # A work that is never begun: only its catalogue and its instant are asked for.
    work = Work(actor, "", "", "")
    empty = {name: "" for name in patient_fields.NAMES if name not in _NOT_TEXT}
    try:
        fields = patient_fields.checked(work, {**empty, **dict.fromkeys(_NOT_TEXT), **read.given})
        patient_fields.require_name(fields)
        if read.number:
            fold.clean("number", read.number, longest=40)
    except Invalid as error:
        return RowResult(read.row, Outcome.ERROR, error)
    return _Ready(read, fields, import_known.person(fields, read.number, read.row.number))


_NOT_TEXT = ("date_of_birth", "preferred_provider_id")


def _questions(actor: Actor, ready: Sequence[_Ready]) -> list[Statement]:
    """What has to be known of a chunk: its uuids, its numbers, and for each row whether it is
    somebody's elsewhere, and whose it is here.
    """
    own = actor.organisation_id
    out = [
        _among("uuid, number", "uuid", [one.read.uuid for one in ready], own),
        _among("number", "number", [one.read.number for one in ready if one.read.number], own),
    ]
    for one in ready:
        out.append(contacts.in_use_elsewhere(own, patient_fields.keys(one.fields)))
        out.append(import_known.asked(own, one.person))
    return out


def _among(columns: str, column: str, values: list[str], organisation_id: int) -> Statement:
    marks = ", ".join("?" * len(values)) or "NULL"
    sql = f"SELECT {columns} FROM patient WHERE organisation_id = ? AND {column} IN ({marks})"  # noqa: S608
    return Statement(sql, (organisation_id, *values))


def _verdicts(
    ready: Sequence[_Ready], answers: Sequence[Any], seen: _Seen
) -> list[RowResult | _Ready]:
    """For each row what became of it already or will, or itself where it is to be written."""
    uuids, numbers, *others = answers
    written = {str(found): label for found, label in uuids}
    taken = {label for (label,) in numbers}
    out: list[RowResult | _Ready] = []
    for place, one in enumerate(ready):
        (elsewhere,), known = others[2 * place], import_known.answered(others[2 * place + 1])
        row, marks = one.read.row, one.person.marks
        above = [other for mark in marks for other in seen.get(mark, ())]
        same = one.person.likest([*known, *above])
        verdict: RowResult | _Ready = one
        if one.read.uuid in written:
            verdict = one.created(written[one.read.uuid])
        elif same is not None and same.row:
            verdict = _repeated(row, same.row, same.number)
        elif same is not None:
            verdict = RowResult(row, Outcome.DUPLICATE, number=same.number)
        elif any(elsewhere):
            verdict = RowResult(row, Outcome.CONSENT, InUseElsewhere())
        elif one.read.number and one.read.number in taken:
            error = Invalid("number", TAKEN, number=one.read.number)
            verdict = RowResult(row, Outcome.ERROR, error)
        if isinstance(verdict, _Ready) or verdict.outcome is Outcome.CREATED:
            for mark in marks:
                seen.setdefault(mark, []).append(one.person)
            taken.add(one.read.number)
        out.append(verdict)
    return out


def _judged(actor: Actor, chunk: Sequence[_Read], seen: _Seen) -> list[RowResult]:
    first = [_ready(actor, read) for read in chunk]
    ready = [one for one in first if isinstance(one, _Ready)]
    answers = Work(actor, "", "", "").look(*_questions(actor, ready))
    verdicts = iter(_verdicts(ready, answers, seen))
    out = []
    for read, one in zip(chunk, first, strict=True):
        verdict = one if isinstance(one, RowResult) else next(verdicts)
        if isinstance(verdict, _Ready):
            verdict = verdict.created(read.number)
        stored = one.fields if isinstance(one, _Ready) else _name_of(read)
        out.append(replace(verdict, stored=stored))
    return out


def _name_of(read: _Read) -> dict[str, str]:
    return {name: read.given[name] for name in ("last_name", "first_name") if name in read.given}


@command(UPLOAD, action="patient.import")
def _write(
    work: Work, chunk: Sequence[_Read], *, request_id: str | None = None
) -> tuple[RowResult, ...]:
    work.require("Customer Create")
    first = [_ready(work.actor, read) for read in chunk]
    ready = [one for one in first if isinstance(one, _Ready)]
    if any(one.fields["medical_alert"] for one in ready):
        work.require(ALERTS)
    work.keys |= {key for o in ready for key in patient_fields.keys(o.fields).locks}
    numbers = iter(next_numbers(work, len(ready), [o.read.number for o in ready]))
    answers = work.look_again(*_questions(work.actor, ready))
    verdicts = iter(_verdicts(ready, answers, {}))
    home = work.catalogue.organisation.country
    out: list[RowResult] = []
    numbered: dict[int, str] = {}  # by the row
    for one in first:
        verdict = one if isinstance(one, RowResult) else next(verdicts)
        if isinstance(verdict, _Ready):
            number = verdict.read.number or next(numbers)
            resource = work.create(Resource, kind="patient")
            work.create(
                Patient,
                id=resource.id,
                uuid=verdict.read.uuid,
                number=number,
                search=patient_fields.key_of(verdict.fields, number, home),
                registered_at=work.now,
                active=True,
                version=1,
                **verdict.fields,
            )
            verdict = verdict.created(number)
        if verdict.outcome is Outcome.CREATED:
            numbered[verdict.row.number] = verdict.number
        elif verdict.repeats:
            verdict = replace(verdict, number=numbered[verdict.repeats])
        out.append(verdict)
    return tuple(out)
