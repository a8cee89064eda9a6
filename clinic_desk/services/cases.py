"""Cases: what a patient comes for, and the appointments that belong to it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from clinic_desk.models.diary import Appointment, Case, CaseType
from clinic_desk.models.people import Patient
from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid, NotFound, Refused, Stale
from clinic_desk.rules.words import N_
from clinic_desk.services import deeds, diary_view, patient_access, patients, visit
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.case_cards import (
    CaseCard,
    NotScheduled,
    Plan,
    Scheduled,
)
from clinic_desk.services.case_history import history, visible_case
from clinic_desk.services.case_lists import count_of, counted, listed, of_patient
from clinic_desk.services.diary import KEEP, Keep
from clinic_desk.services.scheduling import checked_problem, schedule
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, command, query

__all__ = [
    "NotScheduled",
    "Plan",
    "Scheduled",
    "case",
    "change",
    "count_of",
    "history",
    "listed",
    "of_patient",
    "open_case",
    "schedule",
    "suggestions",
]

MOST_SUGGESTIONS = 8
RECENT = 5000
"""Suggestions are made of so many of the type's newest cases."""


@command("Appointment Create", action="case.open")
def open_case(
    work: Work,
    *,
    patient_id: int,
    main_problem: str,
    type_id: int | None = None,
    request_id: str | None = None,
) -> int:
    """Open a case without appointments; its number. Raises ``Invalid`` without a problem,
    ``Refused`` for a patient whose record is not in use, ``NotFound``.
    """
    problem = _problem(main_problem)
    if type_id is not None and type_id not in work.catalogue.types:
        raise NotFound
    (found,) = work.lock(work.seen(Patient, patient_id))
    person = work.found(Patient, found)
    visit.refuse_inactive(person)
    row = work.create(
        Case,
        uuid=str(uuid.uuid4()),
        patient_id=person.id,
        main_problem=problem,
        type_id=type_id,
        open=True,
        version=1,
    )
    return int(row.id)


@command("Appointment Update", action="case.change")
def change(
    work: Work,
    case_id: int,
    *,
    version: int,
    main_problem: str | Keep = KEEP,
    is_open: bool | Keep = KEEP,
    requests_allowed: bool | Keep = KEEP,
    allowed_type_ids: Collection[int] | Keep = KEEP,
    request_id: str | None = None,
) -> int:
    """Rename the main problem, close or reopen, "allow appointment requests", and say which
    types may be requested (none named: all). Gives the version that the case has now.

    Raises ``Stale`` with the present card where *version* is not the newest, ``Invalid`` for
    a blank main problem, ``Refused`` where a case is closed that has appointments ahead.
    """
    fields: dict[str, Any] = {}
    if main_problem is not KEEP:
        fields["main_problem"] = _problem(main_problem)
    if is_open is not KEEP:
        fields["open"] = is_open
    if requests_allowed is not KEEP:
        fields["requests_allowed"] = requests_allowed
    wanted = None if allowed_type_ids is KEEP else set(allowed_type_ids)
    if wanted is not None and not wanted <= work.catalogue.types.keys():
        raise NotFound
    whose = work.find(Case, case_id).patient_id
    found, types, ahead, rights = work.lock(
        work.locked_row(Case, case_id),
        _types_of(work.organisation_id, case_id),
        _ahead(work.organisation_id, case_id, work.now),
        patient_access.rights(work.actor, whose),
    )
    if not rights or not rights[0][0]:
        raise NotFound
    row = work.found(Case, found)
    if row.version != version:
        work.give_up()
        raise Stale(case(work.actor, case_id))
    if is_open is False and row.open and ahead[0][0]:
        raise Refused(
            N_("This case still has appointments ahead ({count})."),
            way_out=N_("Cancel them or wait until they are over, then close it."),
            count=ahead[0][0],
        )
    changed = work.change(row, **fields)
    if wanted is not None and _allow(work, case_id, r.rows(CaseType, types), wanted):
        _renumber(work, row, done=changed)
    return int(row.version)


def _problem(text: str) -> str:
    """The main problem as it is stored; what is too long is refused by the field's own name."""
    try:
        return checked_problem(text)
    except Invalid as error:
        if "longest" not in error.params:
            raise
        raise Invalid(
            error.field,
            N_("The main problem is longer than {longest} characters."),
            way_out=N_("Say it in fewer words; the rest belongs into the notes of a visit."),
            **error.params,
        ) from error


def _allow(work: Work, case_id: int, known: Sequence[CaseType], wanted: set[int]) -> bool:
    """Make the types that may be requested *wanted*. False where they are already."""
    out = [pair for pair in known if pair.type_id not in wanted]
    new = sorted(wanted - {pair.type_id for pair in known})
    for pair in out:
        _take_away(work, pair)
    for type_id in new:
        work.create(CaseType, case_id=case_id, type_id=type_id)
    return bool(out or new)


# The door changes and deletes rows that have a version of their own; these have none.


def _take_away(work: Work, pair: CaseType) -> None:
    gone = Statement("DELETE FROM case_type WHERE id = ?", (pair.id,))
    work._transaction.write_one(gone)  # noqa: SLF001
    work._note(pair, pair.id, False, deeds.values_of(pair), {})  # noqa: SLF001


def _renumber(work: Work, row: Case, *, done: bool) -> None:
    """A case whose types have changed is another version, found by its number in the history."""
    if done:
        return
    version = row.version
    work._transaction.write_one(  # noqa: SLF001
        Statement(
            "UPDATE patient_case SET version = ? WHERE id = ? AND version = ?",
            (version + 1, row.id, version),
        )
    )
    row.version = version + 1
    work._note(row, row.id, False, {"version": version}, {"version": version + 1})  # noqa: SLF001


@query("Appointment Show")
def case(actor: Actor, case_id: int) -> CaseCard:
    """The page of a case; four queries. Raises ``NotFound`` as :func:`visible_case` does."""
    store, organisation_id = actor.store, actor.organisation_id
    row = visible_case(actor, case_id)
    asked = r.by_id(Patient, organisation_id, row.patient_id)
    person = r.row(Patient, store.rows(asked.sql, asked.parameters)[0])
    types = _types_of(organisation_id, case_id)
    allowed = r.rows(CaseType, store.rows(types.sql, types.parameters))
    catalogue = store.catalogue(organisation_id)
    visits = tuple(
        diary_view.card(catalogue, one, person, row.main_problem)
        for one in _visits(actor, row.patient_id, case_id)
    )
    return CaseCard(
        id=row.id,
        uuid=row.uuid,
        version=row.version,
        patient=patients.card(person),
        main_problem=row.main_problem,
        type=catalogue.types.get(row.type_id or 0),
        open=row.open,
        requests_allowed=row.requests_allowed,
        allowed_type_ids=tuple(sorted(pair.type_id for pair in allowed)),
        services=tuple({v.type.id: v.type for v in visits}.values()),
        appointments=visits,
        counts=counted(visits, datetime.now(UTC)),
    )


@query("Appointment Get All")
def suggestions(
    actor: Actor, prefix: str = "", type_id: int | None = None, *, limit: int = MOST_SUGGESTIONS
) -> tuple[tuple[str, int], ...]:
    """Main problems that begin with *prefix* (or have a word that does), with how often each
    was used for the type, the most used first. Case and accents do not matter.
    """
    where, values = "organisation_id = ?", [actor.organisation_id]
    if type_id is not None:
        where += " AND type_id = ?"
        values.append(type_id)
    found = actor.store.rows(
        "SELECT main_problem, COUNT(*) FROM (SELECT main_problem FROM patient_case"  # noqa: S608
        f" WHERE {where} ORDER BY id DESC LIMIT {RECENT}) AS newest GROUP BY main_problem",
        values,
    )
    wanted = fold.key(prefix)
    counted: dict[str, tuple[str, int, int]] = {}  # folded: the commonest spelling, its use, all
    for text, used in found:
        key = fold.key(text)
        best, most, total = counted.get(key, (text, 0, 0))
        counted[key] = (text if used > most else best, max(used, most), total + used)
    hits = [
        (text, total)
        for key, (text, _most, total) in counted.items()
        if key.startswith(wanted) or f" {wanted}" in key
    ]
    return tuple(sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:limit])


def _visits(actor: Actor, patient_id: int, case_id: int) -> list[Appointment]:
    # By the patient, who has an index, and few visits.
    found = actor.store.rows(
        f"{r.selecting(Appointment)} WHERE organisation_id = ? AND patient_id = ?"
        " AND case_id = ? ORDER BY starts_at, id",
        (actor.organisation_id, patient_id, case_id),
    )
    return r.rows(Appointment, found)


def _types_of(organisation_id: int, case_id: int) -> Statement:
    return Statement(
        f"{r.selecting(CaseType)} WHERE organisation_id = ? AND case_id = ?",
        (organisation_id, case_id),
    )


def _ahead(organisation_id: int, case_id: int, now: datetime) -> Statement:
    return Statement(
        "SELECT COUNT(*) FROM appointment WHERE organisation_id = ? AND patient_id ="
        " (SELECT patient_id FROM patient_case WHERE id = ?) AND case_id = ? AND ends_at > ?"
        " AND status IN ('requested', 'scheduled', 'confirmed', 'arrived')",
        (organisation_id, case_id, case_id, r.stored(Appointment, "ends_at", now)),
    )


def _again(actor: Actor, appointment_id: int) -> Scheduled:
    """The answer to a plan that was carried out before."""
    one = diary_view.appointment(actor, appointment_id)
    page = case(actor, one.case_id)
    return Scheduled(page.id, page.main_problem, page.appointments)


def _itself(_actor: Actor, case_id: int) -> int:
    return case_id


schedule.again = _again  # type: ignore[attr-defined]
open_case.again = _itself  # type: ignore[attr-defined]
