"""Lists for other programs, in pages with a total.

A page is asked for by its number, as the document says, or begins behind the mark at which the
one before ended. Behind a mark it takes the same time however far it is and holds still whatever
is written down meanwhile; the total is then that of the first page. A page by its number is
counted off in an index, and only what stands on it is read.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from clinic_desk.models.diary import Appointment
from clinic_desk.models.people import Patient
from clinic_desk.rules import fold
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import by_uuid, patient_access, patient_finding
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.by_uuid import Visit
from clinic_desk.services.cards import PatientCard
from clinic_desk.services.page_cursors import Mark
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import query

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sheet(Generic[T]):
    """A page of a list: which it is, how many records the list has, and where the page ended;
    None where nothing comes after it.
    """

    items: tuple[T, ...]
    page: int
    total: int
    end: Mark | None


@query("Appointment Show")
def visits(
    actor: Actor,
    *,
    begin: datetime | None = None,
    end: datetime | None = None,
    provider_id: int | None = None,
    location_id: int | None = None,
    patient_id: int | None = None,
    statuses: Collection[Status] = (),
    page: int = 1,
    size: int = 50,
    after: Mark | None = None,
) -> Sheet[Visit]:
    """Appointments that begin from *begin* until before *end*, by their beginning. Two queries,
    or one behind a mark.
    """
    where: list[str] = ["a.organisation_id = ?"]
    values: list[Any] = [actor.organisation_id]
    for condition, value in (
        ("a.starts_at >= ?", _stored(begin)),
        ("a.starts_at < ?", _stored(end)),
        ("a.provider_id = ?", provider_id),
        ("a.location_id = ?", location_id),
        ("a.patient_id = ?", patient_id),
    ):
        if value is not None:
            where.append(condition)
            values.append(value)
    if statuses:
        where.append(f"a.status IN ({', '.join('?' * len(statuses))})")
        values += [str(status) for status in statuses]
    seen, who = patient_access.seen(actor, "a.patient_id")
    values += who
    condition, order = " AND ".join([*where, seen]), "ORDER BY a.starts_at, a.id"
    if after is None:
        chosen = f"FROM appointment a WHERE {condition}"
        counting = Statement(f"SELECT COUNT(*) {chosen}", values)
        asked = f"SELECT a.id, ({counting.sql}) {chosen} {order}"
        ids, total = _numbers(actor, Statement(asked, [*values, *values]), counting, page, size)
        # Patients and cases are looked up for the visits of the page only.
        one_of = f"a.id IN ({', '.join('?' * len(ids))})"
        found = actor.store.rows(f"{by_uuid.VISIT} WHERE {one_of} {order}", ids) if ids else []
        more = (page - 1) * size + len(ids) < total
    else:
        found = actor.store.rows(
            f"{by_uuid.VISIT} WHERE {condition} AND (a.starts_at, a.id) > (?, ?) {order} LIMIT ?",
            (*values, _stored(datetime.fromisoformat(after.key)), after.id, size + 1),
        )
        page, total, more = after.page + 1, after.total, len(found) > size
    made = by_uuid.visits_of(actor, found[:size])
    last = made[-1].card if made and more else None
    mark = Mark(last.span.starts_at.isoformat(), last.id, page, total) if last else None
    return Sheet(tuple(made), page, total, mark)


@query("Customer Get All")
def patients(
    actor: Actor, text: str, *, page: int = 1, size: int = 50, after: Mark | None = None
) -> Sheet[PatientCard]:
    """Active patients in whose key (first and last name, number, telephone, address) every word
    of *text* stands, by last name; all of them for an empty one, and nobody for signs alone, of
    which no word is made. Two queries at the most, or one behind a mark.
    """
    words = fold.words(text)
    if text.strip() and not words:
        return Sheet((), page, 0, None)
    if any(len(word) >= patient_finding.TRIGRAM for word in words):
        return _containing(actor, words, page, size, after)
    condition, values = "p.search >= ?", [after.key if after else ""]
    for word in words:  # one or two letters: the beginning of a word
        told, given = patient_finding.told(word)
        condition += f" AND {told}"
        values += given
    if after is not None:
        condition += " AND (p.search > ? OR p.id > ?)"
        found = patient_finding.select(
            actor, condition, [*values, after.key, after.id], size + 1, more=", p.search"
        )
        return _sheet(found[:size], after.page + 1, after.total, more=len(found) > size)
    source, values = _active(actor, "patient p", condition, values)
    # Numbers first, which stand in the index: the rows are read for the page only.
    asked = f"SELECT p.id, (SELECT COUNT(*) {source}) {source} ORDER BY p.search, p.id"
    counting = Statement(f"SELECT COUNT(*) {source}", values)
    return _counted_off(actor, Statement(asked, [*values, *values]), counting, page, size)


def _containing(
    actor: Actor, words: list[str], page: int, size: int, after: Mark | None
) -> Sheet[PatientCard]:
    """A page of those in whose key all *words* stand. Finding them costs by far the most, so it
    is done once, for their number and for who is on the page.
    """
    condition, given = patient_finding.contains(actor, words)
    matched = "MATCH" in condition
    source = "patient_search s CROSS JOIN patient p ON p.id = s.rowid" if matched else "patient p"
    found, values = _active(actor, source, condition, given)
    hits = f"WITH hit AS MATERIALIZED (SELECT p.id, p.search {found}) SELECT h.id,"
    order = "ORDER BY h.search, h.id"
    if after is None:
        asked = f"{hits} (SELECT COUNT(*) FROM hit) FROM hit h {order}"  # noqa: S608
        counting = Statement(f"SELECT COUNT(*) {found}", values)
        return _counted_off(actor, Statement(asked, values), counting, page, size)
    numbers = actor.store.rows(
        f"{hits} h.search FROM hit h WHERE (h.search, h.id) > (?, ?) {order} LIMIT ?",
        (*values, after.key, after.id, size + 1),
    )
    listed = _rows(actor, [number for number, _key in numbers[:size]])
    return _sheet(listed, after.page + 1, after.total, more=len(numbers) > size)


def _counted_off(
    actor: Actor, asked: Statement, counting: Statement, page: int, size: int
) -> Sheet[PatientCard]:
    """The page of this number, as :func:`_numbers` takes it."""
    ids, total = _numbers(actor, asked, counting, page, size)
    return _sheet(_rows(actor, ids), page, total, more=(page - 1) * size + len(ids) < total)


def _numbers(
    actor: Actor, asked: Statement, counting: Statement, page: int, size: int
) -> tuple[list[int], int]:
    """The numbers of the records of a page, and how many there are in all. *asked* tells both;
    *counting* tells only the latter, for a page behind the last one.
    """
    first = (page - 1) * size
    found = actor.store.rows(f"{asked.sql} LIMIT ? OFFSET ?", (*asked.parameters, size, first))
    if found:
        return [number for number, _total in found], int(found[0][1])
    return [], int(actor.store.rows(*counting)[0][0]) if first else 0


def _rows(actor: Actor, ids: list[int]) -> list[Any]:
    """The patients with these numbers, in their order, each with the key at the end."""
    if not ids:
        return []
    marks = ", ".join("?" * len(ids))
    rows = patient_finding.select(actor, f"p.id IN ({marks})", ids, len(ids), more=", p.search")
    by_id = {row[0]: row for row in rows}
    return [by_id[number] for number in ids if number in by_id]


def _sheet(found: Sequence[Any], page: int, total: int, *, more: bool) -> Sheet[PatientCard]:
    """The page of these rows, which have the key at their end."""
    mark = Mark(found[-1][-1], found[-1][0], page, total) if found and more else None
    cards = tuple(patient_finding.card_of(row[:-1]) for row in found)
    return Sheet(cards, page, total, mark)


def _active(actor: Actor, source: str, condition: str, values: list[Any]) -> tuple[str, list[Any]]:
    """``FROM`` the patients in use whom *actor* may see and who meet *condition*."""
    seen, who = patient_access.seen(actor)
    return (
        f"FROM {source} WHERE p.organisation_id = ? AND p.active = ? AND {condition} AND {seen}",
        [actor.organisation_id, r.stored(Patient, "active", True), *values, *who],
    )


def _stored(at: datetime | None) -> Any:
    return None if at is None else r.stored(Appointment, "starts_at", at)
