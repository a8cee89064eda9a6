"""Finding patients by any part of what one hears on the telephone."""

from __future__ import annotations

from datetime import date

import pytest

from clinic_desk.models.people import Patient
from clinic_desk.rules.errors import Invalid, NotAllowed, Stale
from clinic_desk.services import journal, patients
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import PatientCard
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements

PEOPLE = (
    ("Jane", "Fairfax", "+1 415 555 0148", "jane.fairfax@example.com", date(1986, 4, 12)),
    ("Jonathan", "Fairfax", "+1 415 555 0223", "", date(1972, 11, 30)),
    ("Łukasz", "Ørsted-Straße", "", "", None),
    ("Γιώργος", "Παπαδόπουλος", "", "", None),
    ("Özil", "Åsa", "", "", None),
    ("明", "王", "", "", None),
    ("小红", "王", "", "", None),
    ("Wu", "Li", "", "", None),
    ("Bo", "Ek", "", "", None),
)


@pytest.fixture
def full(clinic: Clinic, actor: Actor) -> Actor:
    """A clinic with people of many names."""
    for first, last, phone, email, born in PEOPLE:
        patients.create(
            actor, first_name=first, last_name=last, phone=phone, email=email, date_of_birth=born
        )
    return actor


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("fai", ["Fairfax, Jane", "Fairfax, Jonathan"]),
        ("fairfax jane", ["Fairfax, Jane"]),
        ("jane fairfax", ["Fairfax, Jane"]),
        ("irfa", ["Fairfax, Jane", "Fairfax, Jonathan"]),
        ("jon fai", ["Fairfax, Jonathan"]),
        ("orsted", ["Ørsted-Straße, Łukasz"]),
        ("strasse lukasz", ["Ørsted-Straße, Łukasz"]),
        ("ΠΑΠΑΔ", ["Παπαδόπουλος, Γιώργος"]),
        ("asa", ["Åsa, Özil"]),
        ("as", ["Åsa, Özil"]),
        ("王", ["王, 小红", "王, 明"]),
        ("明", ["王, 明"]),
        ("小红", ["王, 小红"]),
        ("小红 王", ["王, 小红"]),
        ("王小红", ["王, 小红"]),
        ("li wu", ["Li, Wu"]),
        ("wu li", ["Li, Wu"]),
        ("wu", ["Li, Wu"]),
        ("bo e", ["Ek, Bo"]),
        ("555 0148", ["Fairfax, Jane"]),
        ("1986-04-12", ["Fairfax, Jane"]),
        ("12.4.1986", ["Fairfax, Jane"]),
        ("4/12/1986", ["Fairfax, Jane"]),
        ("1986", ["Fairfax, Jane"]),
        ("30/11/1972", ["Fairfax, Jonathan"]),
        ("13.13.1986", []),
        ("jane.fairfax@ex", ["Fairfax, Jane"]),
        ("fairfax j", ["Fairfax, Jane", "Fairfax, Jonathan"]),
        ("nobody", []),
        ("", []),
        ("%%%", []),
        ('"; DROP TABLE patient; --', []),
        ("___", []),
    ],
)
def test_a_patient_is_found_by(full: Actor, text: str, names: list[str]) -> None:
    assert [card.name for card in patients.search(full, text)] == names


@pytest.mark.parametrize(
    "text", ["ZX-77-1234", "zx 771234", "0044 20 7946 0018", "020 7946 0018", "mum@home.example"]
)
def test_a_patient_is_found_by_an_identifier_and_by_the_guardian(actor: Actor, text: str) -> None:
    made = patients.create(
        actor,
        first_name="Kim",
        last_name="Vale",
        country="GB",
        national_id="ZX-77-1234",
        guardian_name="Mum",
        guardian_phone="020 7946 0018",
        guardian_email="mum@home.example",
    ).value

    assert [card.id for card in patients.search(actor, text)] == [made.id]
    assert patients.search(actor, "ZX-77-123") == ()


def test_the_list_comes_page_by_page_and_tells_everybody_once(full: Actor, clinic: Clinic) -> None:
    for _again in range(5):  # called alike
        builders.a_patient(clinic, first_name="Ann", last_name="Lee", search="lee ann")
    builders.a_patient(clinic, last_name="Gone", search="gone", active=False)
    elsewhere = builders.a_clinic(full.store, name="Elsewhere")
    builders.a_patient(elsewhere, last_name="Secret", search="secret")
    patients.listed(full)  # what is remembered of the organisation is read once
    seen: list[PatientCard] = []
    after = None
    while True:
        with statements(full.store) as asked:
            cards, after = patients.listed(full, after=after, limit=3)
        assert len(asked) == 1
        seen += cards
        if after is None:
            break
    whole, none = patients.listed(full, limit=100)
    assert none is None
    assert [card.id for card in whole] == [card.id for card in seen]
    assert len({card.id for card in seen}) == len(seen) == len(PEOPLE) + 5 + 1
    assert [card.last_name for card in seen if card.last_name == "Fairfax"] == ["Fairfax"] * 2
    assert not {card.last_name for card in seen} & {"Gone", "Secret"}


def test_a_search_never_leaves_its_organisation(full: Actor, clinic: Clinic) -> None:
    elsewhere = builders.an_actor(builders.a_clinic(clinic.store, name="Elsewhere"))

    assert patients.search(elsewhere, "fairfax jane") == ()


def test_a_search_takes_two_queries_at_most(full: Actor) -> None:
    patients.search(full, "fairfax")
    with statements(full.store) as seen:
        patients.search(full, "jane fairfax")

    assert len(seen) == 2


def test_a_changed_name_is_found_under_the_new_one_only(full: Actor) -> None:
    (jon,) = patients.search(full, "fairfax jonathan")

    patients.change(full, jon.id, version=1, last_name="Diaz")

    assert patients.search(full, "fairfax jonathan") == ()
    assert [c.id for c in patients.search(full, "diaz")] == [jon.id]
    assert [c.id for c in patients.search(full, "415 555 0223")] == [jon.id]


def test_a_stale_change_is_refused(full: Actor) -> None:
    (jane,) = patients.search(full, "fairfax jane")
    patients.change(full, jane.id, version=1, alert="Nut allergy")

    with pytest.raises(Stale):
        patients.change(full, jane.id, version=1, alert="None")


def test_an_undone_registration_is_found_no_more(full: Actor) -> None:
    done = patients.create(full, first_name="Wrong", last_name="Person")

    journal.undo(full, done.seq)

    assert patients.search(full, "wrong person") == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"first_name": "", "last_name": "  "},
        {"first_name": "A", "last_name": "B\0C"},
        {"first_name": "A", "last_name": "B", "date_of_birth": date(2999, 1, 1)},
        {"first_name": "A", "last_name": "B" * 500},
    ],
)
def test_what_makes_no_patient_is_refused(actor: Actor, fields: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        patients.create(actor, **fields)  # type: ignore[arg-type]


def test_searching_needs_the_permission(clinic: Clinic) -> None:
    onlooker = builders.an_actor(clinic, frozenset({"Appointment Get All"}))

    with pytest.raises(NotAllowed):
        patients.search(onlooker, "fairfax")


def test_a_new_patient_gets_the_next_number_that_nobody_has(clinic: Clinic, actor: Actor) -> None:
    builders.a_patient(clinic, number="1000")
    builders.a_patient(clinic, number="A-7")
    for number in range(1001, 1056):
        builders.a_patient(clinic, number=str(number))
    Patient.update(number="900").where(Patient.number == "1055").execute()
    for number in range(60):  # the newest sixty say nothing of the highest numbers
        builders.a_patient(clinic, number=f"old {number}")
    builders.a_patient(clinic, number="1000 b")
    builders.a_patient(clinic, number="999")

    first = patients.create(actor, first_name="Ann", last_name="First").value
    second = patients.create(actor, first_name="Ben", last_name="Second").value

    assert (first.number, second.number) == ("1055", "1056")


def test_many_common_names_stop_at_the_limit_without_a_repetition(
    clinic: Clinic, actor: Actor
) -> None:
    for number in range(30):
        key = patients.search_key(first_name="Anna", last_name=f"Annan{number % 7}")
        builders.a_patient(clinic, search=key, first_name="Anna", last_name=f"Annan{number % 7}")

    found = patients.search(actor, "anna", limit=25)

    assert len({card.id for card in found}) == len(found) == 25
