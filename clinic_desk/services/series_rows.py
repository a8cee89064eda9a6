"""The deeds behind a series: some thirty visits each, since no deed may hold the lock for long.

Each is a command of its own, so each is in the history and can be undone; what belongs to one
act of the user is put together by :mod:`clinic_desk.services.series`.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

from clinic_desk.models.diary import Appointment, Series
from clinic_desk.models.people import Patient
from clinic_desk.rules import recurrence
from clinic_desk.rules.conflicts import APPOINTMENT, EXTRA, Conflict, Taken
from clinic_desk.rules.errors import Conflicted, Invalid, Stale
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.words import N_
from clinic_desk.services import booking, deeds, lengths, messages, visit
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.offer_cards import Seat
from clinic_desk.services.scheduling import wanted_by, written
from clinic_desk.services.work import Work, command

CHUNK = 30
"""So many visits in a deed: with their messages they stay under a hundred rows."""

LONGEST_REASON = lengths.REASON

Move = tuple[int, int, Seat]
"""A visit, the version that was seen, and where it goes."""


@command("Appointment Create", action="series.begin")
def begin(work: Work, rule: str, *, request_id: str | None = None) -> int:
    """Write the rule of a series; its number. Raises ``Invalid`` for what is no rule."""
    rule = str(recurrence.parse(rule))
    work.lock()
    return int(work.create(Series, uuid=str(uuid.uuid4()), rule=rule, version=1).id)


@command("Appointment Create", action="series.add")
def add(
    work: Work,
    appointment_id: int,
    series_id: int,
    seats: Sequence[Seat],
    *,
    request_id: str | None = None,
) -> tuple[int, ...]:
    """Book *seats* as further visits like the one that is named, which joins the series too.

    Raises ``Conflicted`` with every reason against each, ``Stale`` where the first visit
    belongs to another series by now.
    """
    seen = work.find(Appointment, appointment_id)
    catalogue = booking.catalogue_with(work.actor, type_ids=[seen.type_id])
    wanted = [wanted_by(catalogue, seat, seen.patient_id) for seat in seats]
    found, patients, settings, *claims = work.lock(
        work.locked_row(Appointment, appointment_id),
        r.by_id(Patient, work.organisation_id, seen.patient_id),
        *messages.reads(work),
        *(booking.claims_for(work.actor, w) for w in wanted),
    )
    first, person = work.found(Appointment, found), work.found(Patient, patients)
    visit.refuse_inactive(person)
    if first.series_id not in {None, series_id}:
        raise Stale
    standing = [booking.taken(answer) for answer in claims]
    _refuse(work, [deeds.named(w, person) for w in wanted], standing)
    work.change(first, series_id=series_id)
    out = []
    for one in wanted:
        row = written(work, one, first.case_id, series_id=series_id, notes=first.notes)
        messages.told(work, row, person=person, read=[settings])
        out.append(int(row.id))
    return tuple(out)


@command("Appointment Update", action="series.move")
def move(work: Work, moves: Sequence[Move], *, request_id: str | None = None) -> tuple[int, ...]:
    """Give visits of one patient other places, written in this order; a visit that moves too
    stands in nobody's way. Raises ``Conflicted`` with every reason, ``Stale`` where somebody
    changed one of them.
    """
    seen = work.find(Appointment, moves[0][0])
    catalogue = booking.catalogue_with(
        work.actor,
        provider_ids=[seat.provider_id for _, _, seat in moves],
        operatory_ids=[seat.operatory_id for _, _, seat in moves],
        location_ids=[seat.location_id for _, _, seat in moves],
    )
    wanted = [
        replace(wanted_by(catalogue, seat, seen.patient_id, standing=True), ignore_id=number)
        for number, _, seat in moves
    ]
    rows, person, claims = _locked(work, [n for n, _, _ in moves], seen.patient_id, wanted)
    _same_versions(rows, moves)
    together = {number for number, _, _ in moves}
    standing = [
        [t for t in some if t.source not in {APPOINTMENT, EXTRA} or t.source_id not in together]
        for some in claims
    ]
    _refuse(work, [deeds.named(w, person) for w in wanted], standing)
    left = [booking.marked(row) for row in rows]
    for row, one in zip(rows, wanted, strict=True):
        visit.refuse_over(row)
        visit.require_place(work, row.location_id, one.location_id)
        work.change(row, **visit.placed(one), permit_id=None)
    booking.unmark(work, *left)
    messages.tell_remembered(work)
    return tuple(row.id for row in rows)


@command("Appointment Cancel", action="series.cancel")
def cancel(
    work: Work,
    versions: Sequence[tuple[int, int]],
    *,
    reason: str = "",
    request_id: str | None = None,
) -> tuple[int, ...]:
    """Cancel visits of one patient: pairs of number and the version that was seen. Raises
    ``Invalid`` for a reason that is too long.
    """
    if len(reason) > LONGEST_REASON:
        raise Invalid(
            "reason",
            N_("The reason is longer than {longest} characters."),
            way_out=N_("Say it in fewer words."),
            longest=LONGEST_REASON,
        )
    seen = work.find(Appointment, versions[0][0])
    rows, _person, _claims = _locked(work, [n for n, _ in versions], seen.patient_id, [])
    _same_versions(rows, versions)
    for row in rows:
        visit.rewrite_status(work, row, Status.CANCELLED, deeds.wanted_by(row), [], reason=reason)
    messages.tell_remembered(work)
    return tuple(row.id for row in rows)


def _locked(
    work: Work, numbers: Sequence[int], patient_id: int, wanted: Sequence[booking.Wanted]
) -> tuple[list[Appointment], Patient, list[list[Taken]]]:
    """The visits under the lock, with what the patient was told of each and what stands where
    they are wanted.
    """
    count = len(numbers)
    patients, *answers = work.lock(
        r.by_id(Patient, work.organisation_id, patient_id),
        *(work.locked_row(Appointment, n) for n in numbers),
        *(statement for n in numbers for statement in messages.reads(work, n)),
        *(booking.claims_for(work.actor, w) for w in wanted),
    )
    person = work.found(Patient, patients)
    rows = [work.found(Appointment, answer) for answer in answers[:count]]
    read = answers[count : 3 * count]
    for place, row in enumerate(rows):
        lines = read[2 * place : 2 * place + 2]
        messages.remember(work, row, person=person, read=lines)
    return rows, person, [booking.taken(answer) for answer in answers[3 * count :]]


def _same_versions(rows: Sequence[Appointment], seen: Sequence[tuple[int, int] | Move]) -> None:
    if any(row.version != known[1] for row, known in zip(rows, seen, strict=True)):
        raise Stale


def _refuse(
    work: Work, wanted: Sequence[booking.Wanted], standing: Sequence[Sequence[Taken]]
) -> None:
    found: list[Conflict] = []
    for one, claims in zip(wanted, standing, strict=True):
        found += booking.conflicts_of(work.catalogue, one, claims)
    if found:
        work.give_up()
        raise Conflicted(tuple(dict.fromkeys(found)))


def _itself(_actor: Actor, number: int) -> int:
    return number


begin.again = _itself  # type: ignore[attr-defined]
