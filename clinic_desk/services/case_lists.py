"""Lists of cases: a patient's, and the organisation's with what somebody looks for among them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from clinic_desk.models.diary import Appointment, Case
from clinic_desk.models.people import Patient
from clinic_desk.rules import fold
from clinic_desk.rules.lifecycle import HOLDING, Status
from clinic_desk.services import patient_access, patient_finding
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.booking import full_name
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.services.case_cards import CaseCounts, CaseLine
from clinic_desk.services.case_history import visible_case
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.work import query


@query("Appointment Get All")
def of_patient(actor: Actor, patient_id: int) -> tuple[CaseLine, ...]:
    """A patient's cases, open ones first, then the newest; two queries."""
    visible, who = patient_access.seen(actor, "patient_case.patient_id")
    found = actor.store.rows(
        f"{r.selecting(Case)} WHERE organisation_id = ? AND patient_id = ? AND {visible}",
        (actor.organisation_id, patient_id, *who),
    )
    counts = _counts(actor, "a.patient_id = ?", (patient_id,))
    name = _name(actor, patient_id) if found else ""
    catalogue = actor.store.catalogue(actor.organisation_id)
    lines = [_line(catalogue, row, name, counts) for row in r.rows(Case, found)]
    return tuple(sorted(lines, key=lambda line: (not line.open, -line.id)))


@query("Appointment Get All")
def listed(
    actor: Actor,
    *,
    text: str = "",
    only_open: bool = True,
    before: int | None = None,
    limit: int = 100,
) -> tuple[CaseLine, ...]:
    """The organisation's cases, the newest first; the next page begins *before* the last one's
    number. With *text*, those of whose patient and main problem together every word tells,
    without regard to case and accents. Two queries, with *text* three.
    """
    visible, who = patient_access.seen(actor, "c.patient_id")
    where = f"c.organisation_id = ? AND c.id < ? AND {visible}"
    values: list[Any] = [actor.organisation_id, before or _LAST, *who]
    if only_open:
        where += f" AND c.{r.column(Case, 'open')} = ?"
        values.append(r.stored(Case, "open", True))
    told, words = _told_of(actor, fold.words(text))
    names = ", ".join(f"c.{name}" for name in r.columns(Case))
    found = actor.store.rows(
        f"SELECT {names}, p.first_name, p.last_name FROM patient_case c"  # noqa: S608
        f" JOIN patient p ON p.id = c.patient_id WHERE {where}{told} ORDER BY c.id DESC LIMIT ?",
        (*values, *words, limit),
    )
    if not found:
        return ()
    rows = [(r.row(Case, values[:-2]), full_name(*values[-2:])) for values in found]
    patients = sorted({row.patient_id for row, _ in rows})
    marks = ", ".join("?" * len(patients))
    counts = _counts(actor, f"a.patient_id IN ({marks})", patients)
    catalogue = actor.store.catalogue(actor.organisation_id)
    return tuple(_line(catalogue, row, name, counts) for row, name in rows)


def _told_of(actor: Actor, words: Sequence[str]) -> tuple[str, list[Any]]:
    """SQL for the cases of which every one of the folded *words* tells, and its values.

    The patient's key is folded already. What a case is about is not: but most cases are about
    few things, so that each of those is folded here once.
    """
    if not words:
        return "", []
    problems = actor.store.rows(
        "SELECT DISTINCT main_problem FROM patient_case WHERE organisation_id = ?",
        (actor.organisation_id,),
    )
    keys = [(text, f" {_folded(text)}") for (text,) in problems]
    each = "json_each(?)" if actor.store.dialect == "sqlite" else "json_array_elements_text(?)"
    sql, values = "", []
    for word in words:
        where = f" {word}" if len(word) < patient_finding.TRIGRAM else word
        meant = [text for text, key in keys if where in key]
        patient, who = patient_finding.told(word)
        sql += f" AND ({patient} OR c.main_problem IN (SELECT value FROM {each}))"  # noqa: S608
        values += [*who, json.dumps(meant, ensure_ascii=False)]
    return sql, values


@lru_cache(maxsize=20_000)
def _folded(text: str) -> str:
    return fold.key(text)


@query("Appointment Get All")
def count_of(actor: Actor, case_id: int) -> CaseCounts:
    """How many appointments a case has. Another patient's case of the same problem and
    service is another case, and counted by itself. Raises ``NotFound``.
    """
    patient_id = visible_case(actor, case_id).patient_id
    return _counts(actor, "a.patient_id = ?", (patient_id,)).get(case_id, CaseCounts())


def _counts(actor: Actor, where: str, values: Sequence[Any]) -> dict[int, CaseCounts]:
    """Case to its counts, for the cases of some patients."""
    now = r.stored(Appointment, "starts_at", datetime.now(UTC))
    found = actor.store.rows(
        "SELECT a.case_id, a.status, CASE WHEN a.ends_at > ? THEN 1 ELSE 0 END, COUNT(*)"  # noqa: S608
        f" FROM appointment a WHERE a.organisation_id = ? AND {where} GROUP BY 1, 2, 3",
        (now, actor.organisation_id, *values),
    )
    out: dict[int, CaseCounts] = {}
    for case_id, status, ahead, count in found:
        known = out.get(case_id, CaseCounts())
        out[case_id] = _added(known, Status(status), count, ahead=bool(ahead))
    return out


def counted(visits: Sequence[AppointmentCard], now: datetime) -> CaseCounts:
    """How many of *visits* are to come, over or gone at *now* (aware, UTC)."""
    out = CaseCounts()
    for card in visits:
        out = _added(out, card.status, 1, ahead=card.span.ends_at > now)
    return out


def _added(known: CaseCounts, status: Status, count: int, *, ahead: bool) -> CaseCounts:
    holds_time = status in HOLDING
    to_come = holds_time and ahead and status is not Status.COMPLETED
    return CaseCounts(
        known.total + count,
        known.ahead + (count if to_come else 0),
        known.over + (count if holds_time and not to_come else 0),
        known.gone + (0 if holds_time else count),
    )


def _line(
    catalogue: Catalogue, row: Case, patient_name: str, counts: dict[int, CaseCounts]
) -> CaseLine:
    return CaseLine(
        row.id,
        row.version,
        row.patient_id,
        patient_name,
        row.main_problem,
        catalogue.types.get(row.type_id or 0),
        row.open,
        counts.get(row.id, CaseCounts()),
    )


def _name(actor: Actor, patient_id: int) -> str:
    asked = r.by_id(Patient, actor.organisation_id, patient_id)
    person = r.row(Patient, actor.store.rows(asked.sql, asked.parameters)[0])
    return full_name(person.first_name, person.last_name)


_LAST = 2**62
