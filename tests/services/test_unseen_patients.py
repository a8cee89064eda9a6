"""Who is bound to a location learns nothing of a patient who only comes to another one: every
command and every query, against tables written by hand.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from clinic_desk import services
from clinic_desk.models.documents import Document
from clinic_desk.models.people import CareTeam, UserLocation
from clinic_desk.rules.errors import Conflicted, NotAllowed, NotFound, Refused
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.recurrence import Every, Rule
from clinic_desk.rules.spans import Span
from clinic_desk.services import (
    case_history,
    case_lists,
    cases,
    conversation,
    diary,
    first_answers,
    forms,
    journal,
    offers,
    openings,
    outbox,
    patient_files,
    patient_finding,
    patient_history,
    patient_merge,
    patient_notes,
    patient_page,
    patients,
    payments,
    questionnaires,
    referrals,
    reports,
    requests,
    scheduling,
    series,
)
from clinic_desk.services.actor import Actor
from clinic_desk.services.case_cards import Plan, Scope
from clinic_desk.services.offer_cards import Seat, Service, Wish
from tests import builders
from tests.builders import TUESDAY, Clinic
from tests.services import counting, mailing
from tests.services.test_diary import book, booked
from tests.services.test_permission_matrix import CASES, COMMANDS, Scene

SECRETS = ("Secret", "1971", "private note", "hidden problem", "HIV", "s@p.example")


@dataclass(frozen=True)
class Hidden(Scene):
    """The scene of the permission matrix, whose patients come to the clinic's location only."""

    @property
    def other(self) -> int:
        number = builders.a_patient(self.clinic)
        day = TUESDAY + timedelta(days=28)
        builders.an_appointment(self.clinic, self.clinic.span(9, day=day), patient_id=number)
        return number


@pytest.fixture
def scene(clinic: Clinic, actor: Actor) -> Hidden:
    """The clinic's own patient came here once."""
    day = TUESDAY + timedelta(days=21)
    builders.an_appointment(clinic, clinic.span(9, day=day), patient_id=clinic.patient_id)
    return Hidden(clinic, actor)


@pytest.fixture
def bound(clinic: Clinic) -> Actor:
    """Somebody who may do everything, bound to another location, in somebody else's care team."""
    somebody = builders.an_actor(clinic)
    CareTeam.create(
        organisation_id=clinic.organisation_id,
        patient_id=builders.a_patient(clinic),
        user_id=somebody.user_id,
    )
    UserLocation.create(
        organisation_id=clinic.organisation_id,
        user_id=somebody.user_id,
        location_id=builders.a_location(clinic, name="Branch"),
    )
    return somebody


# Commands ------------------------------------------------------------------------------------

ABOUT_PATIENTS = frozenset(
    {
        "appointment.book",
        "appointment.change",
        "appointment.move",
        "appointment.revise",
        "appointment.room",
        "appointment.status",
        "care.add",
        "care.remove",
        "case.change",
        "case.open",
        "case.schedule",
        "chat.write",
        "document.add",
        "document.begin",
        "document.remove",
        "note.change",
        "note.write",
        "outbox.retry",
        "outbox.withdraw",
        "patient.change",
        "patient.merge",
        "patient.unmerge",
        "payment.change",
        "payment.create",
        "payment.state",
        "questionnaire.answer",
        "referral.change",
        "referral.create",
        "referral.remove",
        "report.send",
        "request.approve",
        "request.decline",
        "series.add",
        "series.cancel",
        "series.move",
        "triage.answer",
        "undo",
    }
)
"""The commands that name a patient, or something of one."""

OF_THE_CLINIC = frozenset(
    {
        "calendar",
        "category",
        "clinic",
        "code",
        "consent",  # its own words say who may see which; the code decides about the rest
        "event",
        "form",
        "hours",
        "import",
        "location",
        "lock",
        "mail",
        "modifier",
        "operatory",
        "provider",
        "qualification",
        "questionnaire",
        "reminder",
        "role",
        "setting",
        "template",
        "token",
        "type",
        "user",
        "webhook",
        "withdrawn",
    }
)
"""The first words of all commands that name none."""

OTHERS = frozenset({"patient.create", "patient.import", "patient.keys", "series.begin"})


def test_of_every_command_it_is_known_whether_it_names_a_patient() -> None:
    told = {
        action
        for action in COMMANDS
        if action not in ABOUT_PATIENTS
        and action not in OTHERS
        and action.split(".")[0] not in OF_THE_CLINIC
    }

    assert told == set()
    assert COMMANDS.keys() >= ABOUT_PATIENTS


@pytest.mark.parametrize("action", sorted(ABOUT_PATIENTS))
def test_a_command_does_not_know_a_patient_whom_one_may_not_see(
    scene: Hidden, bound: Actor, action: str
) -> None:
    step = CASES[action](scene, scene.chief)

    with pytest.raises(NotFound):
        step(bound, str(uuid.uuid4()))


# Queries -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """A patient of elsewhere, with something of everything."""

    clinic: Clinic
    patient: int
    visit: int
    request: int
    case: int
    document: int
    message: int
    payment: int
    referral: int
    line: int
    seq: int


@pytest.fixture
def world(clinic: Clinic, actor: Actor) -> World:
    """Somebody whose name nobody elsewhere may read."""
    mailing.sends_mails(actor)
    person = patients.create(
        actor,
        first_name="Secret",
        last_name="Person",
        date_of_birth=date(1971, 3, 9),
        email="s@p.example",
        medical_alert="HIV",
    ).value
    made = book(
        clinic,
        actor,
        patient_id=person.id,
        notes="private note",
        main_problem="hidden problem",
    )
    wish = booked(clinic, actor, clinic.span(12), patient_id=person.id, status=Status.REQUESTED)
    assert actor.user_id is not None
    patient_page.add_to_care_team(actor, person.id, actor.user_id, role="HIV nurse")
    document = Document.create(
        uuid=str(uuid.uuid4()),
        organisation_id=clinic.organisation_id,
        patient_id=person.id,
        name="Secret.pdf",
        media_type="application/pdf",
        size=0,
        sha256="",
        written_at=clinic.at(9),
    )
    return World(
        clinic,
        person.id,
        made.value.id,
        wish.id,
        made.value.case_id,
        document.id,
        conversation.write(actor, made.value.id, "about HIV").value.id,
        payments.create(actor, made.value.id, amount_minor=100).value.id,
        referrals.create(
            actor, made.value.id, direction=referrals.Direction.FROM, name="Dr Secret"
        ).value.card.id,
        outbox.lines(actor).items[-1].id,
        made.seq,
    )


Ask = Callable[[Actor, World], Any]


def _plan(world: World) -> Plan:
    c = world.clinic
    seat = Seat(c.type_id, c.span(15), c.provider_id, c.location_id, c.operatory_id)
    return Plan(visits=((seat,),), patient_id=world.patient, main_problem="Ache")


def _check(a: Actor, w: World) -> Any:
    c = w.clinic
    return diary.check(
        a, span=c.span(15), type_id=c.type_id, provider_id=c.provider_id, patient_id=w.patient
    )


UNKNOWN: dict[str, Ask] = {
    "case_history.history": lambda a, w: case_history.history(a, w.case),
    "case_lists.count_of": lambda a, w: case_lists.count_of(a, w.case),
    "case_lists.of_patient": lambda a, w: case_lists.of_patient(a, w.patient),
    "cases.case": lambda a, w: cases.case(a, w.case),
    "conversation.message": lambda a, w: conversation.message(a, w.message),
    "conversation.messages": lambda a, w: conversation.messages(a, w.visit),
    "diary.check": _check,
    "first_answers.patient": lambda a, w: first_answers.patient(a, w.patient, w.seq),
    "first_answers.visit": lambda a, w: first_answers.visit(a, w.visit, w.seq),
    "forms.of_visit": lambda a, w: forms.of_visit(a, w.visit),
    "openings.next": lambda a, w: openings.next(a, minutes=30, patient_id=w.patient),
    "outbox.text": lambda a, w: outbox.text(a, w.line),
    "patient_files.document": lambda a, w: patient_files.document(a, w.document),
    "patient_files.documents": lambda a, w: patient_files.documents(a, w.patient),
    "patient_history.history": lambda a, w: patient_history.history(a, w.patient),
    "patient_merge.preview": lambda a, w: patient_merge.preview(a, w.clinic.patient_id, w.patient),
    "patient_notes.notes": lambda a, w: patient_notes.notes(a, w.patient),
    "patient_page.care_team": lambda a, w: patient_page.care_team(a, w.patient),
    "patient_page.page": lambda a, w: patient_page.page(a, w.patient),
    "patients.patient": lambda a, w: patients.patient(a, w.patient),
    "payments.of_patient": lambda a, w: payments.of_patient(a, w.patient),
    "payments.of_visit": lambda a, w: payments.of_visit(a, w.visit),
    "payments.payment": lambda a, w: payments.payment(a, w.payment),
    "questionnaires.of_request": lambda a, w: questionnaires.of_request(a, w.request),
    "referrals.of_visit": lambda a, w: referrals.of_visit(a, w.visit),
    "referrals.referral": lambda a, w: referrals.referral(a, w.referral),
    "reports.for_download": lambda a, w: reports.for_download(a, w.visit),
    "reports.for_mail": lambda a, w: reports.for_mail(a, w.visit),
    "scheduling.check": lambda a, w: scheduling.check(a, _plan(w)),
    "series.card": lambda a, w: series.card(a, w.visit),
    "series.preview": lambda a, w: series.preview(a, w.visit, Rule(Every.WEEK, count=2)),
    "series.preview_change": lambda a, w: series.preview_change(a, w.visit, Scope.ALL),
}
"""Queries by the number of a patient or of something of theirs: "not found", or nothing."""

NUMBERS = {
    "appointment_id",
    "case_id",
    "document_id",
    "kept_id",
    "line_id",
    "message_id",
    "patient_id",
    "payment_id",
    "plan",
    "referral_id",
}
ELSEWHERE_TESTED = {
    "consent_register.consents",  # the side of a consent that is this clinic's
    "diary_view.appointment",
    "outbox.lines",
    "record_pages.visits",
}
"""Queries with such a number that tell of what may be seen only; the test below reads them."""


def _queries() -> set[str]:
    out = set()
    for found in pkgutil.iter_modules(services.__path__):
        module = importlib.import_module(f"{services.__name__}.{found.name}")
        for name, call in vars(module).items():
            if not inspect.isfunction(call) or not hasattr(call, "__wrapped__"):
                continue
            names = list(inspect.signature(call).parameters)
            asks = call.__module__ == module.__name__ and names[0] == "actor"
            if asks and NUMBERS & set(names):
                out.add(f"{found.name}.{name}")
    return out


def test_every_query_by_a_number_of_a_patients_stands_in_the_table() -> None:
    assert _queries() - ELSEWHERE_TESTED <= UNKNOWN.keys()


def test_no_query_knows_a_patient_whom_one_may_not_see(
    world: World, bound: Actor, actor: Actor
) -> None:
    told = {}
    for name, ask in UNKNOWN.items():
        try:
            answer = ask(bound, world)
        except NotFound:
            continue
        if answer:
            told[name] = answer

    assert told == {}
    with pytest.raises(NotFound):
        journal.history(bound, "patient", world.patient)
    with pytest.raises(NotFound):
        journal.history(bound, "appointment", world.visit)
    assert patients.patient(actor, world.patient).last_name == "Person"


def test_what_lists_visits_tells_them_as_busy_without_a_name(world: World, bound: Actor) -> None:
    clinic = world.clinic
    day = Span(clinic.at(0), clinic.at(23))
    view = diary.view(bound, day)
    busy, wish = view.appointments
    wanted = Wish(
        (Service(clinic.type_id, provider_ids=(clinic.provider_id,)),),
        location_id=clinic.location_id,
    )
    asked: dict[str, Any] = {
        "span": clinic.span(10),
        "type_id": clinic.type_id,
        "provider_id": clinic.provider_id,
        "operatory_id": clinic.operatory_id,
    }
    with pytest.raises(Conflicted) as refused:
        diary.book(bound, patient_id=builders.a_patient(clinic), **asked)
    seen = (
        view,
        diary.appointment(bound, world.visit),
        requests.waiting(bound),
        diary.check(bound, **asked),
        refused.value.conflicts,
        offers.times(bound, wanted, TUESDAY),
        outbox.lines(bound),
        outbox.leaving(bound, [world.line], [world.visit]),
        patient_finding.search(bound, "secret"),
        case_lists.listed(bound),
        [journal.deed(bound, seq) for seq in range(1, view.seq + 1)],
    )

    assert [secret for secret in SECRETS if secret in repr(seen)] == []
    assert (busy.span, busy.provider.id, busy.busy) == (clinic.span(10), clinic.provider_id, True)
    assert busy.operatory is not None and busy.operatory.id == clinic.operatory_id
    assert (busy.patient_id, busy.patient_name, busy.case_id, busy.uuid) == (0, "", 0, "")
    assert (wish.status, wish.busy) == (Status.REQUESTED, True)
    assert requests.waiting(bound) == ()
    assert diary.check(bound, **asked)
    with pytest.raises(Refused):
        outbox.withdraw(bound, [world.line])


def test_who_is_bound_to_the_place_of_a_visit_sees_it_whole(world: World, clinic: Clinic) -> None:
    somebody = builders.an_actor(clinic)
    UserLocation.create(
        organisation_id=clinic.organisation_id,
        user_id=somebody.user_id,
        location_id=clinic.location_id,
    )
    view = diary.view(somebody, Span(clinic.at(0), clinic.at(23)))

    assert {(v.patient_name, v.busy) for v in view.appointments} == {("Person, Secret", False)}
    assert "Person, Secret" in str(
        diary.check(
            somebody, span=clinic.span(10), type_id=clinic.type_id, provider_id=clinic.provider_id
        )[0]
    )


def test_seeing_all_costs_no_statement_more(world: World, actor: Actor) -> None:
    span = Span(world.clinic.at(0), world.clinic.at(23))
    diary.view(actor, span)
    with counting.statements(actor.store) as told:
        diary.view(actor, span)
        journal.history(actor, "appointment", world.visit)
        conversation.messages(actor, world.visit)

    assert len(told) == 3 + 1 + 2


def test_medical_alerts_do_not_leave_by_the_history(world: World, clinic: Clinic) -> None:
    chief = builders.an_actor(clinic)
    other = patients.create(chief, first_name="Secret", last_name="Twin").value
    patient_merge.merge(chief, other.id, world.patient, take={"medical_alert"})
    desk = builders.an_actor(clinic, chief.permissions - {"Alert Show"})
    newest = diary.view(chief, Span(clinic.at(0), clinic.at(1))).seq
    told = (
        journal.history(desk, "patient", world.patient),
        journal.history(desk, "patient", other.id),
        journal.history(desk, "appointment", world.visit),
        [journal.deed(desk, seq) for seq in range(1, newest + 1)],
    )

    fields = [f for d in told[0] for c in d.changes for f in c.fields if f.name == "medical_alert"]
    assert fields and "'HIV'" not in repr(told)
    assert "'HIV'" in repr(journal.history(chief, "patient", world.patient))


def test_a_request_is_cancelled_by_those_who_may_decline_it(
    world: World, clinic: Clinic, actor: Actor
) -> None:
    desk = builders.an_actor(clinic, actor.permissions - {"Appointment Reject"})

    with pytest.raises(NotAllowed):
        diary.set_status(desk, world.request, Status.CANCELLED, version=1)
    assert diary.set_status(desk, world.visit, Status.CANCELLED, version=1).value
    assert diary.set_status(actor, world.request, Status.CANCELLED, version=1).value


def test_a_visit_does_not_leave_its_location_in_two_steps(
    world: World, clinic: Clinic, actor: Actor
) -> None:
    desk = builders.an_actor(clinic, actor.permissions - {"Appointment Change Location"})

    with pytest.raises(NotAllowed):
        diary.change(desk, world.visit, version=1, operatory_id=None, location_id=None)


def test_nothing_is_booked_on_a_closed_case_nor_opened_on_a_merged_record(
    world: World, clinic: Clinic, actor: Actor
) -> None:
    for number in (world.visit, world.request):
        diary.set_status(actor, number, Status.CANCELLED, version=1)
    cases.change(actor, world.case, version=1, is_open=False)
    other = patients.create(actor, first_name="Secret", last_name="Twin").value

    with pytest.raises(Refused, match="closed"):
        booked(clinic, actor, clinic.span(15), patient_id=world.patient, case_id=world.case)
    patient_merge.merge(actor, world.patient, other.id)
    with pytest.raises(Refused, match="not in use"):
        cases.open_case(actor, patient_id=other.id, main_problem="Ache")
