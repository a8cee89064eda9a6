"""Booking several visits in one deed: all of them stand, or none."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from clinic_desk.models.diary import Appointment, Case
from clinic_desk.models.people import Patient
from clinic_desk.rules import fold
from clinic_desk.rules.conflicts import APPOINTMENT, Conflict, Taken
from clinic_desk.rules.errors import Invalid, NotFound
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.words import N_
from clinic_desk.services import booking, diary_view, holds, lengths, messages, offers, visit
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.booking import Wanted
from clinic_desk.services.cards import Override
from clinic_desk.services.case_cards import NotScheduled, Plan, RefusedService, Scheduled
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.holds import Held
from clinic_desk.services.looking import wanted_for
from clinic_desk.services.offer_cards import Seat, Service, TimeOffer, Wish
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work, command, query

MOST_SERVICES = 30
"""So many services one plan may have."""


@command("Appointment Create", action="case.schedule")
def schedule(
    work: Work, plan: Plan, *, override: Override | None = None, request_id: str | None = None
) -> Scheduled:
    """Make the case and all its appointments, in one deed, and let go of what the dialog held.

    Continues the patient's open case of the same main problem and service, if there is one.
    Raises ``NotScheduled`` naming each service that cannot be booked, with every reason and
    the next openings; ``Invalid`` without a main problem; ``Refused`` for a closed case.
    """
    problem = checked_problem(plan.main_problem) if plan.case_id is None else ""
    if not plan.seats or len(plan.seats) > MOST_SERVICES or not all(plan.visits):
        raise Invalid("visits", N_("Choose 1 to {most} services."), most=MOST_SERVICES)
    notes = fold.clean("notes", plan.notes, lines=True, longest=lengths.NOTES)
    catalogue = _catalogue(work.actor, plan)
    wanted = [wanted_by(catalogue, seat, plan.patient_id) for seat in plan.seats]
    whose = r.by_id(Patient, work.organisation_id, plan.patient_id)
    person = _person(work, work.look_ahead(work.seen(Patient, plan.patient_id))[0])
    wanted = [replace(w, patient_name=visit.name_of(person)) for w in wanted]
    _gone, live, patients, cases, settings, *claims = work.lock(
        holds.gone(work.actor, plan.desk, work.now),
        holds.all_of(work.organisation_id),
        whose,
        _case_wanted(work, plan, problem),
        *messages.reads(work),
        *(booking.claims_for(work.actor, w) for w in wanted),
    )
    person = _person(work, patients)
    standing = [booking.taken(answer) for answer in claims]
    known = holds.cards(catalogue, live)
    refused = _refused(catalogue, plan, wanted, standing, known, override)
    if refused:
        work.give_up()
        raise NotScheduled(tuple(_with_openings(work.actor, plan, s) for s in refused))
    case = _case(work, plan, cases, problem)
    cards = []
    number = 0
    for seats in plan.visits:
        visit_id = str(uuid.uuid4()) if len(seats) > 1 else None
        for _seat in seats:
            permit = booking.settle(work, wanted[number], standing[number], override)
            row = written(
                work,
                wanted[number],
                case.id,
                visit_id=visit_id,
                notes=notes,
                permit_id=permit.id if permit else None,
            )
            messages.told(work, row, person=person, read=[settings])
            cards.append(diary_view.card(catalogue, row, person, case.main_problem))
            number += 1
    return Scheduled(case.id, case.main_problem, tuple(cards))


@query("Appointment Get All")
def check(actor: Actor, plan: Plan) -> tuple[RefusedService, ...]:
    """What would stand in the way if *plan* were scheduled now, with the next openings; empty
    means nothing. What the plan's own dialog holds does not count. Three queries and one for
    each service.

    Raises ``NotFound`` for a patient, provider, type or place of elsewhere.
    """
    catalogue = _catalogue(actor, plan)
    visit.check_patient(actor, plan.patient_id)
    wanted = [wanted_by(catalogue, seat, plan.patient_id) for seat in plan.seats]
    live = holds.live(actor.store, actor.organisation_id, datetime.now(UTC))
    standing = []
    for one in wanted:
        asked = booking.claims_for(actor, one)
        found = booking.taken(actor.store.rows(asked.sql, asked.parameters))
        standing.append(holds.others(actor, found, live, plan.desk)[0])
    refused = _refused(catalogue, plan, wanted, standing, live)
    return tuple(_with_openings(actor, plan, service) for service in refused)


def checked_problem(text: str) -> str:
    """A main problem as it is stored. Raises ``Invalid`` where it is blank or too long."""
    problem = fold.clean("main_problem", text, longest=lengths.PROBLEM)
    if not problem:
        raise Invalid("main_problem", N_("Say what the patient comes for: the main problem."))
    return problem


def _catalogue(actor: Actor, plan: Plan) -> Catalogue:
    seats = plan.seats
    return booking.catalogue_with(
        actor,
        type_ids=[s.type_id for s in seats],
        provider_ids=[s.provider_id for s in seats],
        operatory_ids=[s.operatory_id for s in seats],
        location_ids=[s.location_id for s in seats],
    )


def wanted_by(
    catalogue: Catalogue, seat: Seat, patient_id: int, *, standing: bool = False
) -> Wanted:
    """The seat as booking's rules are asked about it, with its type's buffers of today; a
    visit that is *standing* already keeps its own.
    """
    kind = catalogue.types[seat.type_id]
    place = replace(
        seat,
        span=booking.checked_span(seat.span),
        location_id=visit.place_of(catalogue, seat.location_id, seat.operatory_id),
    )
    if not standing:
        place = replace(place, before_minutes=kind.before_minutes, after_minutes=kind.after_minutes)
    return wanted_for(catalogue, place, patient_id)


def _person(work: Work, answer: Rows) -> Patient:
    person = work.found(Patient, answer)
    visit.refuse_inactive(person)
    return person


def _case_wanted(work: Work, plan: Plan, problem: str) -> Statement:
    if plan.case_id is not None:
        return work.locked_row(Case, plan.case_id)
    return Statement(
        f"{r.selecting(Case)} WHERE organisation_id = ? AND patient_id = ? AND main_problem = ?"
        f" AND type_id = ? AND {r.column(Case, 'open')} = ? ORDER BY id DESC LIMIT 1",
        (
            work.organisation_id,
            plan.patient_id,
            problem,
            plan.seats[0].type_id,
            r.stored(Case, "open", True),
        ),
    )


def _case(work: Work, plan: Plan, found: Rows, problem: str) -> Case:
    if not found and plan.case_id is not None:
        raise NotFound
    if found:
        case = r.row(Case, found[0])
        if case.patient_id != plan.patient_id:
            raise NotFound
        visit.refuse_closed(case)
        return case
    return work.create(
        Case,
        uuid=str(uuid.uuid4()),
        patient_id=plan.patient_id,
        main_problem=problem,
        type_id=plan.seats[0].type_id,
        open=True,
        version=1,
    )


def _refused(
    catalogue: Catalogue,
    plan: Plan,
    wanted: list[Wanted],
    standing: list[list[Taken]],
    live: Sequence[Held],
    override: Override | None = None,
) -> list[RefusedService]:
    """The services that cannot be booked; what is set aside on purpose is not among them."""
    known = {h.id: h for h in live}
    out: list[RefusedService] = []
    before: list[Taken] = []
    for number, one in enumerate(wanted):
        found = booking.conflicts_of(catalogue, one, [*standing[number], *before])
        padded = one.span.padded(one.before_minutes, one.after_minutes)
        before += [
            Taken(n, one.span if n == one.patient_id else padded, APPOINTMENT, 0, visit=one.span)
            for n in one.resources
        ]
        if found and (override is None or not all(map(_may_be_set_aside, found))):
            name = catalogue.types[one.type_id].name
            reasons = holds.told(found, known)
            out.append(RefusedService(number, name, plan.seats[number], reasons))
    return out


def _may_be_set_aside(conflict: Conflict) -> bool:
    # Number 0 is another service of the same plan: that is no overbooking but a mistake.
    return conflict.permission is not None and conflict.source_id != 0


def _with_openings(actor: Actor, plan: Plan, service: RefusedService) -> RefusedService:
    """The next times of the same provider, then of anybody, that keep clear of the rest."""
    seat = service.seat
    asked = Service(seat.type_id, minutes=seat.span.minutes, provider_ids=(seat.provider_id,))
    rest = tuple(s for n, s in enumerate(plan.seats) if n != service.number)
    wish = Wish(
        (asked,),
        location_id=seat.location_id,
        patient_id=plan.patient_id,
        desk=plan.desk,
        chosen=rest,
    )
    found: list[TimeOffer] = []
    if actor.may("Appointment Get All"):
        begin: datetime = seat.span.starts_at
        anybody = replace(wish, services=(replace(asked, provider_ids=None),))
        for one in (wish, anybody):
            found += offers.first(actor, one, from_at=begin, count=2)
    return replace(service, openings=tuple(dict.fromkeys(found)))


def written(
    work: Work,
    wanted: Wanted,
    case_id: int,
    *,
    visit_id: str | None = None,
    series_id: int | None = None,
    notes: str = "",
    permit_id: int | None = None,
) -> Appointment:
    """Under the lock: the row of a scheduled visit where *wanted* says."""
    return work.create(
        Appointment,
        uuid=str(uuid.uuid4()),
        **visit.placed(wanted),
        patient_id=wanted.patient_id,
        case_id=case_id,
        type_id=wanted.type_id,
        visit_id=visit_id,
        series_id=series_id,
        before_minutes=wanted.before_minutes,
        after_minutes=wanted.after_minutes,
        status=str(Status.SCHEDULED),
        permit_id=permit_id,
        notes=notes,
        reason="",
        origin=str(work.actor.origin),
        booked_at=work.now,
        version=1,
    )
