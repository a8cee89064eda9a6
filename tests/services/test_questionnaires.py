"""Approval questionnaires: made, changed by whom they belong to, answered before approving."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_desk.rules.errors import NotAllowed, NotFound, Refused
from clinic_desk.rules.form_fields import FieldKind, Question
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import diary, forms, questionnaires, requests
from clinic_desk.services.actor import Actor
from clinic_desk.services.form_rows import FormDraft
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements

SENT = Question("sent", "Was a referral sent?", FieldKind.CHOICE, True, ("yes", "no"))
DRAFT = FormDraft("First visit", (SENT, Question("note", "Anything else?")))


@pytest.fixture
def wish(clinic: Clinic) -> int:
    """A request that waits."""
    return builders.an_appointment(clinic, status="requested")


def test_a_questionnaire_is_no_triage_form_and_the_other_way_round(actor: Actor, wish: int):
    card = questionnaires.create(actor, DRAFT).value
    triage = forms.create(actor, DRAFT).value

    assert questionnaires.questionnaires(actor) == (card,)
    assert questionnaires.questionnaire(actor, card.id) == card
    assert [one.form_id for one in questionnaires.of_request(actor, wish)] == [card.id]
    assert [one.form_id for one in forms.of_visit(actor, wish)] == [triage.id]
    for attempt in (
        lambda: questionnaires.questionnaire(actor, triage.id),
        lambda: forms.form(actor, card.id),
        lambda: forms.change(actor, card.id, DRAFT, version=1),
    ):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(Refused):
        forms.answer(actor, wish, card.id, {"sent": "yes"}, version=0)


def test_a_request_is_approved_only_when_it_is_answered(actor: Actor, wish: int):
    card = questionnaires.create(actor, DRAFT).value
    with pytest.raises(Refused) as refused:
        requests.approve(actor, wish, version=1)
    assert "First visit" in str(refused.value)
    assert refused.value.way_out
    assert diary.appointment(actor, wish).status is Status.REQUESTED

    questionnaires.answer(actor, wish, card.id, {"sent": "no"}, version=0)

    assert requests.approve(actor, wish, version=1).value.status is Status.SCHEDULED


@pytest.mark.parametrize("kind", ["unused", "another type", "nothing required", "none"])
def test_what_is_not_asked_holds_nobody_up(clinic: Clinic, actor: Actor, wish: int, kind: str):
    draft = {
        "unused": replace(DRAFT, active=False),
        "another type": replace(DRAFT, type_ids=frozenset({builders.a_type(clinic, code="X")})),
        "nothing required": replace(DRAFT, questions=DRAFT.questions[1:]),
        "none": None,
    }[kind]
    if draft is not None:
        questionnaires.create(actor, draft)
    assert requests.approve(actor, wish, version=1).value.status is Status.SCHEDULED


def test_declining_asks_nothing(actor: Actor, wish: int):
    questionnaires.create(actor, DRAFT)
    declined = requests.decline(actor, wish, version=1, reason="No room").value
    assert declined.status is Status.DECLINED


def test_one_changes_ones_own_and_others_only_by_permission(clinic: Clinic):
    names = frozenset({"Approval Questionnaire Create", "Approval Questionnaire Update"})
    mine, other = (builders.an_actor(clinic, names) for _n in range(2))
    card = questionnaires.create(mine, DRAFT).value
    with pytest.raises(NotAllowed) as refused:
        questionnaires.change(other, card.id, replace(DRAFT, name="Other"), version=1)
    assert refused.value.permission == questionnaires.ANYBODYS
    changed = questionnaires.change(mine, card.id, replace(DRAFT, name="Mine"), version=1)
    assert changed.value.name == "Mine"
    chief = builders.an_actor(clinic, names | {questionnaires.ANYBODYS})
    assert questionnaires.change(chief, card.id, DRAFT, version=2).value.version == 3


def test_each_act_has_its_own_permission(clinic: Clinic, actor: Actor, wish: int):
    card = questionnaires.create(actor, DRAFT).value
    nobody = builders.an_actor(clinic, frozenset({"Appointment Show"}))
    for permission, attempt in (
        ("Approval Questionnaire Get All", lambda: questionnaires.questionnaires(nobody)),
        ("Approval Questionnaire Show", lambda: questionnaires.questionnaire(nobody, card.id)),
        ("Approval Questionnaire Create", lambda: questionnaires.create(nobody, DRAFT)),
        (
            "Approval Questionnaire Update",
            lambda: questionnaires.change(nobody, card.id, DRAFT, version=1),
        ),
        ("Appointment Request Approve", lambda: questionnaires.of_request(nobody, wish)),
        (
            "Appointment Request Approve",
            lambda: questionnaires.answer(nobody, wish, card.id, {}, version=0),
        ),
    ):
        with pytest.raises(NotAllowed) as refused:
            attempt()
        assert refused.value.permission == permission


def test_another_organisations_questionnaire_is_neither_there_nor_in_the_way(
    clinic: Clinic, actor: Actor, wish: int
):
    elsewhere = builders.an_actor(builders.a_clinic(clinic.store, name="Elsewhere"))
    theirs = questionnaires.create(elsewhere, DRAFT).value
    with pytest.raises(NotFound):
        questionnaires.questionnaire(actor, theirs.id)
    with pytest.raises(NotFound):
        questionnaires.of_request(elsewhere, wish)
    assert requests.approve(actor, wish, version=1).value.status is Status.SCHEDULED


def test_lists_take_two_questions(actor: Actor, wish: int):
    for number in range(4):
        questionnaires.create(actor, replace(DRAFT, name=f"No. {number}"))
    for asks in (
        lambda: questionnaires.questionnaires(actor),
        lambda: questionnaires.of_request(actor, wish),
    ):
        with statements(actor.store) as seen:
            assert len(asks()) == 4
        assert len(seen) == 2
