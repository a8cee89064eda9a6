"""Who may do what: every command as every shipped role, against a table written by hand."""

from __future__ import annotations

import importlib
import pkgutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypedDict

import pytest

from clinic_desk import services
from clinic_desk.models.documents import Document, DocumentPart, PatientNote
from clinic_desk.models.people import CareTeam
from clinic_desk.rules.errors import NotAllowed, Withdrawn
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.permissions import ROLES
from clinic_desk.services import (
    cases,
    consent,
    consent_code,
    consent_registration,
    contacts,
    conversation,
    diary,
    events,
    forms,
    journal,
    mail_settings,
    outbox,
    patient_files,
    patient_merge,
    patient_notes,
    patient_page,
    patient_unmerge,
    patients,
    payments,
    questionnaires,
    referrals,
    reminders,
    reports,
    requests,
    revision,
    roles_book,
    sessions,
    settings,
    staff,
    templates,
    work,
)
from clinic_desk.services.accounts import PasswordHash
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Done, Override
from clinic_desk.services.case_cards import Plan
from clinic_desk.services.letter_texts import Kind
from clinic_desk.services.offer_cards import Seat
from clinic_desk.services.staff_cards import StaffCard, StaffDraft
from clinic_desk.services.store import Store
from tests import builders
from tests.builders import Clinic
from tests.services import consenting, mailing, matrix_setup, matrix_webhooks
from tests.services.test_diary import book, booked

for _module in pkgutil.iter_modules(services.__path__):
    importlib.import_module(f"{services.__name__}.{_module.name}")

COMMANDS = {
    action: call
    for action, call in work.COMMANDS.items()
    if call.__module__.startswith("clinic_desk.")
}
"""All commands that there are, not those of tests."""

COLUMNS = (
    "System Administrator",
    "Assistant System Administrator",
    "Clinical Director",
    "Scheduler",
    "Provider",
    "Front Desk",
    "Partner",
)

# One letter for each of COLUMNS: y may, - may not.
MATRIX = {
    "appointment.book": "yyyy-y-",
    "appointment.book outside hours": "yyyy---",
    "appointment.book beside another": "yyyy---",
    "appointment.change": "yyyyyy-",
    "appointment.move": "yyyyyy-",
    "appointment.move to another location": "yyyy-y-",
    "appointment.move outside hours": "yyyy---",
    "appointment.move beside another": "yyyy---",
    "appointment.revise": "yyyyyy-",
    "appointment.revise cancelled": "yyyy-y-",
    "appointment.revise to another location": "yyyy-y-",
    "appointment.room": "yyyyyy-",
    "appointment.status": "yyyyyy-",
    "appointment.status cancelled": "yyyy-y-",
    "care.add": "yyyyyy-",
    "care.remove": "yyyyyy-",
    "chat.write": "yyyyyy-",
    "case.change": "yyyyyy-",
    "case.open": "yyyy-y-",
    "case.schedule": "yyyy-y-",
    "case.schedule outside hours": "yyyy---",
    "document.add": "yyyyyy-",
    "document.begin": "yyyyyy-",
    "document.remove": "yyyyyy-",
    "consent.agree": "yyyy-y-",
    "consent.close": "yyyy-y-",
    "consent.heard": "yyyy-y-",
    "consent.paper": "yyy----",
    "consent.take": "yyyy-y-",
    "consent.verify": "yyyy-y-",
    "consent.withdraw": "yyyy-y-",
    "event.add": "yyyyy--",
    "form.change": "yyy-y--",
    "form.create": "yyy-y--",
    "event.move": "yyyyy--",
    "event.remove": "yyyyy--",
    "mail.settings": "yy-----",
    "outbox.retry": "yyyyyy-",
    "outbox.withdraw": "yyyyyy-",
    "note.change": "yyyyyy-",
    "note.write": "yyyyyy-",
    "patient.change": "yyyyyy-",
    "patient.create": "yyyy-yy",
    "patient.keys": "yyyyyy-",
    "reminder.write": "yyyyyy-",
    "patient.merge": "yyyyyy-",
    "patient.unmerge": "yyyyyy-",
    "payment.change": "yyyy-y-",
    "payment.change of another's": "yyy----",
    "payment.create": "yyyy-y-",
    "payment.state": "yyyy-y-",
    "questionnaire.answer": "yyyy---",
    "questionnaire.change": "yyy-y--",
    "questionnaire.change of another's": "yyy----",
    "questionnaire.create": "yyy-y--",
    "referral.change": "yyy-y--",
    "referral.create": "yyyyy--",
    "referral.remove": "yyy-y--",
    "report.send": "yyyy-y-",
    "request.approve": "yyyy---",
    "request.decline": "yyyy---",
    "lock.minutes": "yy-----",
    "role.change": "y------",
    "role.clone": "y------",
    "role.create": "y------",
    "role.delete": "y------",
    "setting.put": "yyyyyy-",
    "setting.share": "yy-----",
    "template.put": "yy-----",
    "template.reset": "yy-----",
    "triage.answer": "yyyyy--",
    "undo": "yyyyyy-",
    "undo of another's": "yyy----",
    "user.change": "yy-----",
    "user.create": "yy-----",
    "user.own": "yyyyyyy",
    "user.renew": "yyyyyyy",
    "user.password": "yy-----",
    "withdrawn": "yyyyyy-",
    **matrix_setup.MATRIX,
    **matrix_webhooks.MATRIX,
}
"""A line begins with the command's action; what follows is a case of it."""


@dataclass(frozen=True)
class Scene:
    """A clinic, somebody who may do everything, and what stands there already."""

    clinic: Clinic
    chief: Actor

    @property
    def other(self) -> int:
        return builders.a_patient(self.clinic)


Step = Callable[[Actor, str], Done[Any]]
Case = Callable[[Scene, Actor], Step]
"""Prepares by the chief's hand (or, for undo, the actor's) and gives what is tried."""

WHY = Override("She is in pain")


def _book(scene: Scene, actor: Actor, hour: int = 10, **more: Any) -> Step:
    patient_id = scene.other
    return lambda a, key: book(
        scene.clinic, a, scene.clinic.span(hour), patient_id=patient_id, request_id=key, **more
    )


def _book_beside(scene: Scene, actor: Actor) -> Step:
    booked(scene.clinic, scene.chief)
    return _book(scene, actor, override=WHY)


def _move(scene: Scene, actor: Actor, hour: int = 14, **more: Any) -> Step:
    card = booked(scene.clinic, scene.chief)
    span = scene.clinic.span(hour)
    return lambda a, key: diary.move(a, card.id, span=span, version=1, request_id=key, **more)


def _move_elsewhere(scene: Scene, actor: Actor) -> Step:
    there = builders.a_location(scene.clinic)
    person = builders.a_provider(replace(scene.clinic, location_id=there))
    return _move(scene, actor, provider_id=person, operatory_id=None, location_id=there)


def _move_beside(scene: Scene, actor: Actor) -> Step:
    booked(scene.clinic, scene.chief, scene.clinic.span(14), patient_id=scene.other)
    return _move(scene, actor, override=WHY)


def _change(scene: Scene, actor: Actor) -> Step:
    card = booked(scene.clinic, scene.chief)
    return lambda a, key: diary.change(a, card.id, version=1, notes="x", request_id=key)


def _revise(scene: Scene, actor: Actor, **more: Any) -> Step:
    card = booked(scene.clinic, scene.chief)
    return lambda a, key: revision.revise(a, card.id, request_id=key, **more)


def _revise_elsewhere(scene: Scene, actor: Actor) -> Step:
    there = builders.a_location(scene.clinic)
    person = builders.a_provider(replace(scene.clinic, location_id=there))
    return _revise(scene, actor, provider_id=person, operatory_id=None, location_id=there)


def _status(scene: Scene, actor: Actor, status: Status = Status.CONFIRMED) -> Step:
    card = booked(scene.clinic, scene.chief)
    return lambda a, key: diary.set_status(
        a, card.id, status, version=1, reason="x", request_id=key
    )


def _room(scene: Scene, actor: Actor) -> Step:
    card = booked(scene.clinic, scene.chief)
    return lambda a, key: diary.enter_room(a, card.id, version=1, request_id=key)


def _chat(scene: Scene, actor: Actor) -> Step:
    number = booked(scene.clinic, scene.chief).id
    return lambda a, key: conversation.write(a, number, "Hello", request_id=key)


def _ask_payment(scene: Scene, actor: Actor) -> Step:
    number = booked(scene.clinic, scene.chief).id
    return lambda a, key: payments.create(a, number, amount_minor=4500, request_id=key)


def _change_payment(scene: Scene, actor: Actor) -> Step:
    """One's own; who may not take a payment has none."""
    who = actor if actor.may("Payment Create") else scene.chief
    number = _ask_payment(scene, who)(who, str(uuid.uuid4())).value.id
    return lambda a, key: payments.change(
        a, number, version=1, amount_minor=5000, method=payments.Method.CASH, note="",
        request_id=key,
    )  # fmt: skip


def _pay(scene: Scene, actor: Actor) -> Step:
    number = _ask_payment(scene, scene.chief)(scene.chief, str(uuid.uuid4())).value.id
    return lambda a, key: payments.set_state(
        a, number, payments.State.WAIVED, version=1, request_id=key
    )


class _Who(TypedDict):
    direction: referrals.Direction
    name: str


REFERRAL: _Who = {"direction": referrals.Direction.FROM, "name": "Dr Gruber"}


def _refer(scene: Scene, actor: Actor) -> Step:
    number = booked(scene.clinic, scene.chief).id
    return lambda a, key: referrals.create(a, number, **REFERRAL, request_id=key)


def _change_referral(scene: Scene, actor: Actor) -> Step:
    number = _refer(scene, actor)(scene.chief, str(uuid.uuid4())).value.card.id
    return lambda a, key: referrals.change(
        a, number, version=1, **REFERRAL, note="Pain", document_id=None, request_id=key
    )


def _remove_referral(scene: Scene, actor: Actor) -> Step:
    number = _refer(scene, actor)(scene.chief, str(uuid.uuid4())).value.card.id
    return lambda a, key: referrals.remove(a, number, version=1, request_id=key)


def _send_report(scene: Scene, actor: Actor) -> Step:
    mailing.sends_mails(scene.chief)
    number, page = mailing.a_visit(scene.clinic), reports.Pdf("x.pdf", b"%PDF-1.7")
    return lambda a, key: reports.send(a, number, page, version=1, request_id=key)


FORM = forms.FormDraft("Triage", (forms.Question("q1", "Since when?"),))


def _make_form(scene: Scene, actor: Actor) -> Step:
    return lambda a, key: forms.create(a, FORM, request_id=key)


def _change_form(scene: Scene, actor: Actor) -> Step:
    number = forms.create(scene.chief, FORM).value.id
    draft = replace(FORM, name="Other", type_ids=frozenset({scene.clinic.type_id}))
    return lambda a, key: forms.change(a, number, draft, version=1, request_id=key)


def _answer_form(scene: Scene, actor: Actor) -> Step:
    number = forms.create(scene.chief, FORM).value.id
    visit = booked(scene.clinic, scene.chief).id
    return lambda a, key: forms.answer(a, visit, number, {"q1": "May"}, version=0, request_id=key)


def _answer_questionnaire(scene: Scene, actor: Actor) -> Step:
    number = questionnaires.create(scene.chief, FORM).value.id
    wish = booked(scene.clinic, scene.chief, status=Status.REQUESTED).id
    return lambda a, key: questionnaires.answer(
        a, wish, number, {"q1": "May"}, version=0, request_id=key
    )


def _change_questionnaire(scene: Scene, actor: Actor) -> Step:
    """One's own; who may not make one has none."""
    who = actor if actor.may("Approval Questionnaire Create") else scene.chief
    number = questionnaires.create(who, FORM).value.id
    draft = replace(FORM, name="Other")
    return lambda a, key: questionnaires.change(a, number, draft, version=1, request_id=key)


def _open_case(scene: Scene, actor: Actor) -> Step:
    number = scene.clinic.patient_id
    return lambda a, key: cases.open_case(a, patient_id=number, main_problem="Ache", request_id=key)


def _change_case(scene: Scene, actor: Actor) -> Step:
    number = builders.a_case(scene.clinic)
    return lambda a, key: cases.change(a, number, version=1, main_problem="Ache", request_id=key)


def _schedule(scene: Scene, actor: Actor, hour: int = 10, **more: Any) -> Step:
    clinic = scene.clinic
    seat = Seat(
        type_id=clinic.type_id,
        span=clinic.span(hour),
        provider_id=clinic.provider_id,
        location_id=clinic.location_id,
        operatory_id=clinic.operatory_id,
    )
    plan = Plan(visits=((seat,),), patient_id=clinic.patient_id, main_problem="Ache")
    return lambda a, key: cases.schedule(a, plan, request_id=key, **more)


def _add_event(scene: Scene, actor: Actor) -> Step:
    return lambda a, key: events.add(
        a,
        resource_id=scene.clinic.provider_id,
        span=scene.clinic.span(12),
        title="Tea",
        request_id=key,
    )


def _move_event(scene: Scene, actor: Actor) -> Step:
    card = _add_event(scene, actor)(scene.chief, str(uuid.uuid4())).value
    span = scene.clinic.span(13)
    return lambda a, key: events.move(a, card.id, span=span, version=1, request_id=key)


def _remove_event(scene: Scene, actor: Actor) -> Step:
    card = _add_event(scene, actor)(scene.chief, str(uuid.uuid4())).value
    return lambda a, key: events.remove(a, card.id, version=1, request_id=key)


def _create_patient(scene: Scene, actor: Actor) -> Step:
    return lambda a, key: patients.create(a, first_name="Ann", last_name="Other", request_id=key)


def _cares(scene: Scene, actor: Actor) -> int:
    """A patient in the actor's own care."""
    CareTeam.create(
        organisation_id=scene.clinic.organisation_id,
        patient_id=scene.clinic.patient_id,
        user_id=actor.user_id,
    )
    return scene.clinic.patient_id


def _change_patient(scene: Scene, actor: Actor) -> Step:
    number = _cares(scene, actor)
    return lambda a, key: patients.change(a, number, version=1, city="Graz", request_id=key)


def _add_carer(scene: Scene, actor: Actor) -> Step:
    number, user = _cares(scene, actor), builders.a_user(scene.clinic)
    return lambda a, key: patient_page.add_to_care_team(a, number, user, request_id=key)


def _remove_carer(scene: Scene, actor: Actor) -> Step:
    number, user = _cares(scene, actor), builders.a_user(scene.clinic)
    patient_page.add_to_care_team(scene.chief, number, user)
    member = next(m for m in patient_page.care_team(scene.chief, number) if m.user_id == user)
    return lambda a, key: patient_page.remove_from_care_team(a, member.id, request_id=key)


def _write_note(scene: Scene, actor: Actor) -> Step:
    number = _cares(scene, actor)
    return lambda a, key: patient_notes.write(a, number, "Afraid", request_id=key)


def _change_note(scene: Scene, actor: Actor) -> Step:
    """One's own; who may not write has none."""
    note = PatientNote.create(
        uuid=str(uuid.uuid4()),
        organisation_id=scene.clinic.organisation_id,
        patient_id=_cares(scene, actor),
        text="Afraid",
        author_id=actor.user_id,
        written_at=scene.clinic.at(10),
    )
    return lambda a, key: patient_notes.change(a, note.id, "Brave", version=1, request_id=key)


def _begin_document(scene: Scene, actor: Actor) -> Step:
    number = _cares(scene, actor)
    return lambda a, key: patient_files._begin(a, number, "x.pdf", request_id=key)


def _document(scene: Scene, actor: Actor, media_type: str) -> Any:
    number = _cares(scene, actor)
    row = Document.create(
        uuid=str(uuid.uuid4()),
        organisation_id=scene.clinic.organisation_id,
        patient_id=number,
        name="x.txt",
        media_type=media_type,
        size=1,
        sha256="",
        written_at=scene.clinic.at(10),
    )
    DocumentPart.create(
        organisation_id=scene.clinic.organisation_id, document_id=row.id, part=0, content=b"x"
    )
    return row.id


def _finish_document(scene: Scene, actor: Actor) -> Step:
    number = _document(scene, actor, "")
    return lambda a, key: patient_files._finish(a, number, "text/plain", 1, "", request_id=key)


def _remove_document(scene: Scene, actor: Actor) -> Step:
    number = _document(scene, actor, "text/plain")
    return lambda a, key: patient_files.remove(a, number, version=1, request_id=key)


def _merge(scene: Scene, actor: Actor) -> Step:
    kept = _cares(scene, actor)
    other = replace(scene.clinic, patient_id=scene.other)
    _cares(Scene(other, scene.chief), actor)
    return lambda a, key: patient_merge.merge(a, kept, other.patient_id, request_id=key)


def _unmerge(scene: Scene, actor: Actor) -> Step:
    """Of one's own merge; who may not merge has none."""
    other = scene.other
    who = actor if actor.may("Customer Update") else scene.chief
    for number in (scene.clinic.patient_id, other):
        _cares(Scene(replace(scene.clinic, patient_id=number), scene.chief), who)
    seq = patient_merge.merge(who, scene.clinic.patient_id, other).seq
    return lambda a, key: patient_unmerge._take_back(a, seq, request_id=key)


def _fill_keys(scene: Scene, actor: Actor) -> Step:
    number = builders.a_patient(scene.clinic, email="old@example.com")
    return lambda a, key: contacts._fill(a, [number], "AT", request_id=key)


def _approve(scene: Scene, actor: Actor) -> Step:
    card = booked(scene.clinic, scene.chief, status=Status.REQUESTED)
    return lambda a, key: requests.approve(a, card.id, version=1, request_id=key)


def _decline(scene: Scene, actor: Actor) -> Step:
    card = booked(scene.clinic, scene.chief, status=Status.REQUESTED)
    return lambda a, key: requests.decline(a, card.id, version=1, reason="x", request_id=key)


def _put(scene: Scene, actor: Actor) -> Step:
    return lambda a, key: settings.put(a, "pinboard", [1], request_id=key)


def _share(scene: Scene, actor: Actor) -> Step:
    return lambda a, key: settings.share(a, "pinboard", [1], request_id=key)


def _mail(scene: Scene, actor: Actor) -> Step:
    return lambda a, key: mail_settings.save(a, mailing.SETTINGS, request_id=key)


def _a_line(scene: Scene) -> int:
    mailing.sends_mails(scene.chief)
    line = mailing.booked(scene.chief, mailing.a_visit(scene.clinic)).value
    assert line is not None
    return line


def _keep_back(scene: Scene, actor: Actor) -> Step:
    line = _a_line(scene)
    return lambda a, key: outbox.withdraw(a, [line], request_id=key)


def _retry(scene: Scene, actor: Actor) -> Step:
    line = _a_line(scene)
    outbox.withdraw(scene.chief, [line])
    return lambda a, key: outbox.retry(a, [line], request_id=key)


def _remind(scene: Scene, actor: Actor) -> Step:
    """Nothing is due; who may ask for it is what counts."""
    return lambda a, key: reminders.write(a, (), request_id=key)


def _put_words(scene: Scene, actor: Actor) -> Step:
    return lambda a, key: templates.put(
        a, Kind.REMINDER, "de", subject="Bald", body="Bis {day}", version=0, request_id=key
    )


def _reset_words(scene: Scene, actor: Actor) -> Step:
    version = _put_words(scene, actor)(scene.chief, str(uuid.uuid4())).value.version
    return lambda a, key: templates.reset(a, Kind.REMINDER, "de", version=version, request_id=key)


def _undo(scene: Scene, actor: Actor) -> Step:
    """Of a deed that nearly everybody may do."""
    doer = actor if actor.may("Appointment Update") else scene.chief
    seq = _status(scene, actor)(doer, str(uuid.uuid4())).seq
    return lambda a, key: journal.undo(a, seq, request_id=key)


def _undo_anothers(scene: Scene, actor: Actor) -> Step:
    seq = _status(scene, actor)(scene.chief, str(uuid.uuid4())).seq
    return lambda a, key: journal.undo(a, seq, request_id=key)


def _withdraw(scene: Scene, actor: Actor) -> Step:
    return lambda a, key: journal._withdraw(a, request_id=key)


def _new_role(scene: Scene, actor: Actor) -> Step:
    return lambda a, key: roles_book.create(a, "Night shift", ("Customer Show",), request_id=key)


def _clone_role(scene: Scene, actor: Actor) -> Step:
    number = builders.a_role(scene.clinic, ROLES["Front Desk"])
    return lambda a, key: roles_book.clone(a, number, "Night shift", request_id=key)


def _change_role(scene: Scene, actor: Actor) -> Step:
    number = builders.a_role(scene.clinic, ROLES["Front Desk"])
    return lambda a, key: roles_book.change(a, number, version=1, names=(), request_id=key)


def _delete_role(scene: Scene, actor: Actor) -> Step:
    number = builders.a_role(scene.clinic, ROLES["Front Desk"])
    return lambda a, key: roles_book.delete(a, number, version=1, request_id=key)


def _colleague(scene: Scene) -> StaffCard:
    role = builders.a_role(scene.clinic, ROLES["Front Desk"])
    draft = StaffDraft(name="ann", display_name="Ann Lee", role_id=role)
    return staff.create(scene.chief, draft, "a long password").value


def _create_user(scene: Scene, actor: Actor) -> Step:
    role = builders.a_role(scene.clinic, ROLES["Front Desk"])
    draft = StaffDraft(name="ann", display_name="Ann Lee", role_id=role)
    return lambda a, key: staff.create(a, draft, "a long password", request_id=key)


def _change_user(scene: Scene, actor: Actor) -> Step:
    card = _colleague(scene)
    draft = replace(card.draft, display_name="Ann Other")
    return lambda a, key: staff.change(a, card, draft, request_id=key)


def _change_myself(scene: Scene, actor: Actor) -> Step:
    def step(a: Actor, key: str) -> Done[Any]:
        card = StaffCard(a.user_id or 0, "", 1, StaffDraft("", "", 0), False)
        return staff.change_own(
            a, card, display_name="Me Myself", email="", language="", request_id=key
        )

    return step


def _set_password(scene: Scene, actor: Actor) -> Step:
    card = _colleague(scene)
    return lambda a, key: staff.set_password(a, card.id, "another long one", request_id=key)


def _own_password(scene: Scene, actor: Actor) -> Step:
    hashed = PasswordHash("$argon2id$")
    return lambda a, key: staff._renew_password(a, hashed, request_id=key)


def _two(scene: Scene) -> consenting.Two:
    """Another clinic keeps a record for which the chief's asks."""
    return consenting.beside(scene.clinic, scene.chief)


def _take(scene: Scene, actor: Actor) -> Step:
    _two(scene)
    draft = {"email": "xq.private@post.example"}
    return lambda a, key: consent.take(
        a, draft, purpose="Treatment", shares=["person"], request_id=key
    )


def _verify(scene: Scene, actor: Actor) -> Step:
    two = _two(scene)
    card = consenting.ask(two)
    code = consenting.Code(consenting.code_of(two, card))
    return lambda a, key: consent.verify(a, card.id, code, request_id=key)


def _close_consent(scene: Scene, actor: Actor) -> Step:
    card = consenting.ask(_two(scene))
    consenting.later(card, minutes=11)
    return lambda a, key: consent.close(a, card.id, request_id=key)


def _withdraw_consent(scene: Scene, actor: Actor) -> Step:
    card = consenting.verified(_two(scene))
    version = consenting.row(card).version
    return lambda a, key: consent.withdraw(
        a, card.id, version=version, reason="Asked for", request_id=key
    )


def _hear(scene: Scene, actor: Actor) -> Step:
    """At the clinic that keeps the record."""
    keeping = scene.clinic
    asking = builders.a_clinic(keeping.store)
    asker = builders.an_actor(asking)
    mailing.sends_mails(asker)
    record = builders.a_patient(keeping, **consenting.RECORD)
    card = consenting.ask(consenting.Two(asking, asker, keeping, scene.chief, record))
    return lambda a, key: consent_code.hear(a, card.id, request_id=key)


def _agree(scene: Scene, actor: Actor) -> Step:
    card = consenting.verified(_two(scene))
    return lambda a, key: consent_registration.agree(a, card.id, {}, request_id=key)


def _sign(scene: Scene, actor: Actor) -> Step:
    card = consenting.ask(_two(scene))
    scan = consenting.Scan("form.pdf", "application/pdf", b"%PDF-1.7 signed")
    return lambda a, key: consent_registration.paper(
        a, card.id, {}, scan, reason="On paper", request_id=key
    )


CASES: dict[str, Case] = {
    "appointment.book": _book,
    "appointment.book outside hours": lambda s, a: _book(s, a, 19, override=WHY),
    "appointment.book beside another": _book_beside,
    "appointment.change": _change,
    "appointment.move": _move,
    "appointment.move to another location": _move_elsewhere,
    "appointment.move outside hours": lambda s, a: _move(s, a, 19, override=WHY),
    "appointment.move beside another": _move_beside,
    "appointment.revise": lambda s, a: _revise(s, a, notes="x"),
    "appointment.revise cancelled": lambda s, a: _revise(s, a, status=Status.CANCELLED),
    "appointment.revise to another location": _revise_elsewhere,
    "appointment.room": _room,
    "appointment.status": _status,
    "appointment.status cancelled": lambda s, a: _status(s, a, Status.CANCELLED),
    "chat.write": _chat,
    "case.change": _change_case,
    "case.open": _open_case,
    "case.schedule": _schedule,
    "case.schedule outside hours": lambda s, a: _schedule(s, a, 19, override=WHY),
    "consent.agree": _agree,
    "consent.close": _close_consent,
    "consent.heard": _hear,
    "consent.paper": _sign,
    "consent.take": _take,
    "consent.verify": _verify,
    "consent.withdraw": _withdraw_consent,
    "event.add": _add_event,
    "event.move": _move_event,
    "event.remove": _remove_event,
    "form.change": _change_form,
    "form.create": _make_form,
    "mail.settings": _mail,
    "outbox.retry": _retry,
    "outbox.withdraw": _keep_back,
    "care.add": _add_carer,
    "care.remove": _remove_carer,
    "patient.change": _change_patient,
    "document.add": _finish_document,
    "document.begin": _begin_document,
    "document.remove": _remove_document,
    "note.change": _change_note,
    "note.write": _write_note,
    "patient.keys": _fill_keys,
    "patient.merge": _merge,
    "patient.unmerge": _unmerge,
    "patient.create": _create_patient,
    "payment.change": _change_payment,
    "payment.change of another's": lambda s, a: _change_payment(s, s.chief),
    "payment.create": _ask_payment,
    "payment.state": _pay,
    "questionnaire.answer": _answer_questionnaire,
    "questionnaire.change": _change_questionnaire,
    "questionnaire.change of another's": lambda s, a: _change_questionnaire(s, s.chief),
    "questionnaire.create": lambda s, a: (
        lambda b, key: questionnaires.create(b, FORM, request_id=key)
    ),
    "referral.change": _change_referral,
    "referral.create": _refer,
    "referral.remove": _remove_referral,
    "reminder.write": _remind,
    "report.send": _send_report,
    "request.approve": _approve,
    "request.decline": _decline,
    "lock.minutes": lambda s, a: lambda b, key: sessions.set_lock_minutes(b, 5, request_id=key),
    "role.change": _change_role,
    "role.clone": _clone_role,
    "role.create": _new_role,
    "role.delete": _delete_role,
    "setting.put": _put,
    "setting.share": _share,
    "template.put": _put_words,
    "template.reset": _reset_words,
    "triage.answer": _answer_form,
    "undo": _undo,
    "undo of another's": _undo_anothers,
    "user.change": _change_user,
    "user.create": _create_user,
    "user.own": _change_myself,
    "user.renew": _own_password,
    "user.password": _set_password,
    "withdrawn": _withdraw,
    **matrix_setup.CASES,
    **matrix_webhooks.CASES,
}

BOTH = {"appointment.book", "appointment.move beside another", "undo of another's"}
"""What decides stands above the databases; a few lines show that it does on either."""


def test_every_command_has_its_line_and_every_line_its_case() -> None:
    assert {line.split()[0] for line in MATRIX} == set(COMMANDS)
    assert MATRIX.keys() == CASES.keys()
    assert set(COLUMNS) == set(ROLES)


def _lines() -> Iterator[Any]:
    for line, letters in MATRIX.items():
        for role, letter in zip(COLUMNS, letters, strict=True):
            for dialect in ("sqlite", "postgresql") if line in BOTH else ("sqlite",):
                yield pytest.param(
                    dialect, line, role, letter == "y", id=f"{dialect}-{line}-{role}"
                )


@pytest.mark.parametrize(("dialect", "line", "role", "may"), list(_lines()), indirect=["dialect"])
def test_a_command_is_for_those_roles_that_the_table_says(
    clinic: Clinic, actor: Actor, line: str, role: str, may: bool
) -> None:
    somebody = builders.an_actor(clinic, ROLES[role])
    step = CASES[line](Scene(clinic, actor), somebody)

    assert _allowed(lambda: step(somebody, str(uuid.uuid4()))) is may


def _allowed(step: Callable[[], Any]) -> bool:
    try:
        step()
    except NotAllowed:
        return False
    return True


@pytest.mark.parametrize("line", sorted(COMMANDS.keys() & CASES.keys()))
def test_a_request_that_is_sent_twice_is_done_once(clinic: Clinic, actor: Actor, line: str) -> None:
    key = str(uuid.uuid4())
    step = CASES[line](Scene(clinic, actor), actor)
    first = step(actor, key)
    rows = _everything(clinic.store)

    if line == work.WITHDRAWN:
        with pytest.raises(Withdrawn):
            step(actor, key)
    else:
        second = step(actor, key)
        assert (second.seq, set(second.changed)) == (first.seq, set(first.changed))
        if hasattr(COMMANDS[line], "again"):
            assert second.value == first.value

    assert _everything(clinic.store) == rows


def _everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    tables = (
        "deed",
        "patient_case",
        "deed_entity",
        "appointment",
        "calendar_event",
        "patient",
        "setting",
        "permit",
        "outbox",
        "message_template",
    )
    return {name: store.rows(f"SELECT * FROM {name} ORDER BY 1, 2, 3") for name in tables}
