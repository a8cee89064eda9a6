"""The page of a patient: data, appointments, cases, who looks after them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from clinic_desk.models.diary import Appointment
from clinic_desk.models.people import CareTeam, Patient
from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid, NotFound, Refused
from clinic_desk.rules.lifecycle import OPEN, Status
from clinic_desk.rules.words import N_
from clinic_desk.services import cases, diary_view, patient_access
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.services.patient_cards import (
    CareMember,
    FormerRecord,
    PatientCounts,
    PatientData,
    PatientPage,
)
from clinic_desk.services.patient_fields import ALERTS
from clinic_desk.services.patients import card
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, command, query

MOST_VISITS = 500
"""So many appointments the page tells, the latest of them."""

GONE = frozenset({Status.CANCELLED, Status.DECLINED})
NOT_BOOKED = GONE | {Status.REQUESTED}
"""With these nobody is expected: not yet, or not any more."""

VISITS = "Appointment Get All"

KNOWN_ALREADY = N_("This person is in the care team already.")
LOOK_AGAIN = N_("Look at the care team as it stands now.")


@query("Customer Show")
def page(actor: Actor, patient_id: int) -> PatientPage:
    """The page of a patient; of one that was merged, the page of the record that was kept.

    Appointments and cases are left out for who may not see the calendar. Eight queries,
    and three for each record that was merged into it. Raises ``NotFound``, also where *actor*
    may not see them.
    """
    row, own = _row(actor, patient_id)
    if row.merged_into_id is not None:
        row, own = _row(actor, row.merged_into_id)
    merged = actor.store.rows(
        "SELECT id, number FROM patient WHERE merged_into_id = ? AND organisation_id = ?"
        " ORDER BY id",
        (row.id, actor.organisation_id),
    )
    numbers = [row.id, *(number for number, _ in merged)]
    now = datetime.now(UTC)
    visits: list[AppointmentCard] = []
    lines: tuple[Any, ...] = ()
    if actor.may(VISITS):
        visits = _visits(actor, numbers, row)
        lines = tuple(line for number in numbers for line in cases.of_patient(actor, number))
    future = [v for v in reversed(visits) if v.span.ends_at > now]
    upcoming = tuple(v for v in future if v.status in OPEN)
    not_booked = tuple(v for v in future if v.status in NOT_BOOKED)
    ahead = {v.id for v in (*upcoming, *not_booked)}
    return PatientPage(
        card=card(row),
        data=data(actor, row, own=own),
        upcoming=upcoming,
        not_booked=not_booked,
        past=tuple(v for v in visits if v.id not in ahead),
        cases=lines,
        counts=_counted(visits, (*upcoming, *not_booked)),
        care_team=care_team(actor, row.id),
        former=tuple(FormerRecord(number, label) for number, label in merged),
    )


def data(actor: Actor, row: Patient, *, own: bool) -> PatientData:
    """All fields of a patient as *actor* may see them; *own* says that they are in their care."""
    may_change = patient_access.may_change(actor, own=own) and row.merged_into_id is None
    return PatientData(
        id=row.id,
        uuid=row.uuid,
        version=row.version,
        number=row.number,
        first_name=row.first_name,
        last_name=row.last_name,
        date_of_birth=row.date_of_birth,
        gender=row.gender,
        language=row.language,
        phone=row.phone,
        email=row.email,
        address=row.address,
        postcode=row.postcode,
        city=row.city,
        country=row.country,
        national_id=row.national_id,
        alert=row.alert,
        medical_alert=row.medical_alert if actor.may(ALERTS) else None,
        guardian_name=row.guardian_name,
        guardian_relation=row.guardian_relation,
        guardian_phone=row.guardian_phone,
        guardian_email=row.guardian_email,
        preferred_provider_id=row.preferred_provider_id,
        registered_at=row.registered_at,
        active=row.active,
        merged_into_id=row.merged_into_id,
        may_change=may_change,
    )


def _row(actor: Actor, patient_id: int) -> tuple[Patient, bool]:
    rights = actor.store.rows(*patient_access.rights(actor, patient_id))
    if not rights or not rights[0][0]:
        raise NotFound
    statement = r.by_id(Patient, actor.organisation_id, patient_id)
    found = actor.store.rows(statement.sql, statement.parameters)
    return r.row(Patient, found[0]), bool(rights[0][1])


def _visits(actor: Actor, numbers: list[int], person: Patient) -> list[AppointmentCard]:
    """The appointments of these records, the latest first."""
    names = ", ".join(f"a.{name}" for name in r.columns(Appointment))
    marks = ", ".join("?" * len(numbers))
    found = actor.store.rows(
        f"SELECT {names}, c.main_problem FROM appointment a"  # noqa: S608 - marks only
        f" JOIN patient_case c ON c.id = a.case_id WHERE a.patient_id IN ({marks})"
        " AND a.organisation_id = ? ORDER BY a.starts_at DESC, a.id DESC LIMIT ?",
        (*numbers, actor.organisation_id, MOST_VISITS),
    )
    rows = [(r.row(Appointment, values[:-1]), values[-1]) for values in found]
    catalogue = actor.store.catalogue(actor.organisation_id)
    if any(
        a.type_id not in catalogue.types or a.provider_id not in catalogue.providers
        for a, _ in rows
    ):  # made at another desk a moment ago
        actor.store.forget_catalogue(actor.organisation_id)
        catalogue = actor.store.catalogue(actor.organisation_id)
    return [diary_view.card(catalogue, a, person, problem) for a, problem in rows]


def _counted(visits: list[AppointmentCard], future: Sequence[AppointmentCard]) -> PatientCounts:
    ahead = sum(v.status not in GONE for v in future)
    missed = sum(v.status is Status.MISSED for v in visits)
    gone = sum(v.status in GONE for v in visits)
    return PatientCounts(ahead, len(visits) - ahead - missed - gone, missed, gone)


# Who looks after them --------------------------------------------------------------------------


@query("Customer Show")
def care_team(actor: Actor, patient_id: int) -> tuple[CareMember, ...]:
    """Who looks after a patient, by name; nobody's team where the actor may not see them."""
    visible, values = patient_access.seen(actor, "t.patient_id")
    found = actor.store.rows(
        "SELECT t.id, t.version, t.user_id, u.display_name, t.role FROM care_team t"  # noqa: S608
        " JOIN user_account u ON u.id = t.user_id WHERE t.organisation_id = ?"
        f" AND t.patient_id = ? AND {visible} ORDER BY u.display_name, t.id",
        (actor.organisation_id, patient_id, *values),
    )
    return tuple(CareMember(*values) for values in found)


@command("Customer Update", action="care.add")
def add_to_care_team(
    work: Work, patient_id: int, user_id: int, *, role: str = "", request_id: str | None = None
) -> None:
    """Let somebody of the staff look after a patient: from now on they see them and may change
    their data. Raises ``NotFound``, ``Refused`` where they do already.
    """
    role = fold.clean("role", role, longest=60)
    user = work.catalogue.users.get(user_id)
    if user is None or not user.active:
        raise Invalid("user_id", N_("This person does not work here any more."))
    rights, known = work.lock(
        patient_access.rights(work.actor, patient_id),
        Statement(
            "SELECT 1 FROM care_team WHERE organisation_id = ? AND patient_id = ? AND user_id = ?",
            (work.organisation_id, patient_id, user_id),
        ),
    )
    patient_access.require_change(work, rights)
    if known:
        raise Refused(KNOWN_ALREADY, way_out=LOOK_AGAIN)
    work.create(CareTeam, patient_id=patient_id, user_id=user_id, role=role, version=1)


@command("Customer Update", action="care.remove")
def remove_from_care_team(work: Work, member_id: int, *, request_id: str | None = None) -> None:
    """Somebody does not look after a patient any more. Raises ``NotFound``."""
    (found,) = work.look_ahead(work.seen(CareTeam, member_id))
    seen = work.found(CareTeam, found)
    found, rights = work.lock(
        work.locked_row(CareTeam, member_id), patient_access.rights(work.actor, seen.patient_id)
    )
    patient_access.require_change(work, rights)
    work.delete(work.found(CareTeam, found))
