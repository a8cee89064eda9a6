"""From whom a patient comes to a visit, to whom they are sent on, and the letter itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

import pytest

from clinic_desk.models.documents import Referral
from clinic_desk.rules.errors import Invalid, NotAllowed, NotFound, Stale
from clinic_desk.services import journal, patient_files, referrals
from clinic_desk.services.actor import Actor
from clinic_desk.services.feed import Feed
from clinic_desk.services.referrals import Direction
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements


class Who(TypedDict):
    direction: Direction
    name: str


class Letter(Who):
    note: str
    document_id: int | None


FROM: Who = {"direction": Direction.FROM, "name": "Dr Gruber, Graz"}


@pytest.fixture
def visit(clinic: Clinic) -> int:
    return builders.an_appointment(clinic)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    file = tmp_path / "Überweisung.pdf"
    file.write_bytes(b"%PDF-1.7 letter")
    return file


def test_referrals_stand_on_the_visit_in_their_order_with_their_author(actor: Actor, visit: int):
    first = referrals.create(actor, visit, **FROM, note=" Pain since May\nX-ray ").value
    referrals.create(actor, visit, direction=Direction.TO, name="Clinic of Surgery")

    found = referrals.of_visit(actor, visit)

    assert [(c.direction, c.name) for c in found] == [
        ("from", "Dr Gruber, Graz"), ("to", "Clinic of Surgery"),
    ]  # fmt: skip
    assert found[0] == first.card
    assert found[0].author == actor.name
    assert referrals.referral(actor, first.card.id) == first
    assert first.note == "Pain since May\nX-ray"


def test_a_referral_carries_a_file_of_its_patient(
    clinic: Clinic, actor: Actor, visit: int, letter: Path
):
    file = patient_files.add(actor, clinic.patient_id, letter, appointment_id=visit).value
    made = referrals.create(actor, visit, **FROM, document_id=file.id).value
    assert (made.document_id, made.document_name) == (file.id, "Überweisung.pdf")
    assert referrals.referral(actor, made.card.id) == made

    patient_files.remove(actor, file.id, version=file.version)

    after = referrals.referral(actor, made.card.id)
    assert (after.document_id, after.card.has_file) == (None, False)


def test_another_patients_file_is_refused(clinic: Clinic, actor: Actor, visit: int, letter: Path):
    other = patient_files.add(actor, builders.a_patient(clinic), letter).value
    with pytest.raises(Invalid) as refused:
        referrals.create(actor, visit, **FROM, document_id=other.id)
    assert refused.value.field == "file"
    assert refused.value.way_out
    made = referrals.create(actor, visit, **FROM).value.card
    with pytest.raises(Invalid):
        referrals.change(actor, made.id, version=1, **FROM, note="", document_id=other.id)


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("name", {"name": "  "}),
        ("name", {"name": "x" * 201}),
        ("name", {"name": "a\nb"}),
        ("note", {"note": "x" * 4001}),
    ],
)
def test_what_makes_no_referral_is_refused_at_its_field(
    actor: Actor, visit: int, field: str, fields: dict[str, str]
):
    name, note = fields.get("name", FROM["name"]), fields.get("note", "")
    with pytest.raises(Invalid) as refused:
        referrals.create(actor, visit, direction=FROM["direction"], name=name, note=note)
    assert refused.value.field == field


def test_it_is_written_anew_and_a_late_hand_sees_the_newer_one(actor: Actor, visit: int):
    made = referrals.create(actor, visit, **FROM).value.card
    to: Letter = {
        "direction": Direction.TO, "name": "Dr Moser", "note": "Urgent", "document_id": None,
    }  # fmt: skip
    changed = referrals.change(actor, made.id, version=1, **to).value
    assert (changed.card.direction, changed.card.version, changed.note) == ("to", 2, "Urgent")
    assert changed == referrals.referral(actor, made.id)
    for late in (
        lambda: referrals.change(actor, made.id, version=1, **to),
        lambda: referrals.remove(actor, made.id, version=1),
    ):
        with pytest.raises(Stale) as refused:
            late()
        assert refused.value.theirs == changed


def test_what_is_removed_stays_in_the_history(actor: Actor, visit: int):
    made = referrals.create(actor, visit, **FROM, note="Pain").value.card
    seq = referrals.remove(actor, made.id, version=1).seq
    assert referrals.of_visit(actor, visit) == ()
    assert Referral.select().count() == 0
    told = {f.name: f.before for f in journal.deed(actor, seq).changes[0].fields}
    assert (told["name"], told["note"]) == ("Dr Gruber, Graz", "Pain")


def test_the_list_tells_names_and_the_letter_has_its_own_permission(clinic: Clinic, visit: int):
    chief = builders.an_actor(clinic)
    made = referrals.create(chief, visit, **FROM).value.card
    looks = builders.an_actor(clinic, frozenset({"Appointment Referral Get All"}))
    assert referrals.of_visit(looks, visit) == (made,)
    attempts: dict[str, Callable[[], object]] = {
        "Appointment Referral Show": lambda: referrals.referral(looks, made.id),
        "Appointment Referral Create": lambda: referrals.create(looks, visit, **FROM),
        referrals.CHANGES: lambda: referrals.remove(looks, made.id, version=1),
    }
    for permission, attempt in attempts.items():
        with pytest.raises(NotAllowed) as refused:
            attempt()
        assert refused.value.permission == permission
    with pytest.raises(NotAllowed):
        referrals.of_visit(builders.an_actor(clinic, frozenset({"Appointment Show"})), visit)


def test_another_organisations_referral_is_not_there(clinic: Clinic, actor: Actor, visit: int):
    made = referrals.create(actor, visit, **FROM).value.card
    other = builders.an_actor(builders.a_clinic(clinic.store, name="Elsewhere"))
    for attempt in (
        lambda: referrals.of_visit(other, visit),
        lambda: referrals.referral(other, made.id),
        lambda: referrals.create(other, visit, **FROM),
        lambda: referrals.change(other, made.id, version=1, **FROM, note="", document_id=None),
        lambda: referrals.remove(other, made.id, version=1),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_the_list_takes_two_questions(actor: Actor, visit: int):
    for number in range(4):
        referrals.create(actor, visit, direction=Direction.TO, name=f"No. {number}")
    with statements(actor.store) as seen:
        assert len(referrals.of_visit(actor, visit)) == 4
    assert len(seen) == 2


def test_sent_twice_is_written_once_and_other_desks_hear_of_it(actor: Actor, visit: int):
    feed = Feed(actor.store, actor.organisation_id)
    key = str(uuid.uuid4())
    made = referrals.create(actor, visit, **FROM, request_id=key).value
    assert referrals.create(actor, visit, **FROM, request_id=key).value == made
    assert [(c.kind, c.id) for c in feed.changes()] == [("referral", made.card.id)]
