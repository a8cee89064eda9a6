"""Finding a case among many: by whose it is and what it is about, accent-blind, page by page."""

from __future__ import annotations

import pytest

from clinic_desk.models.people import UserLocation
from clinic_desk.rules import fold
from clinic_desk.services import cases
from clinic_desk.services.actor import Actor
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements


def a_person(clinic: Clinic, first: str, last: str) -> int:
    key = fold.key(f"{last} {first}")
    return builders.a_patient(clinic, first_name=first, last_name=last, search=key)


def a_case_of(clinic: Clinic, first: str, last: str, problem: str, **fields: object) -> int:
    person = a_person(clinic, first, last)
    return builders.a_case(clinic, person, main_problem=problem, **fields)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("lucia", ["tooth"]),
        ("GARCÍA lucía", ["tooth"]),
        ("garcia zahn", ["tooth"]),  # of both words one is the patient's, one the problem's
        ("strasse", ["street"]),
        ("sprachstörung", ["speech"]),
        ("sprachstorung", ["speech"]),
        ("ga", ["tooth"]),  # a short word stands at the start of one
        ("cía", ["tooth"]),  # a longer one anywhere
        ("ia", []),
        ("lucia speech", []),
        ("100%", ["percent"]),
        ("%", []),
        ("  ", ["percent", "street", "speech", "tooth"]),
        ("nobody", []),
    ],
)
def test_a_case_is_found_by_patient_and_main_problem(
    clinic: Clinic, actor: Actor, text: str, found: list[str]
) -> None:
    numbers = {
        "tooth": a_case_of(clinic, "Lucía", "García", "Zahnschmerz"),
        "speech": a_case_of(clinic, "Jürgen", "Weiß", "Sprachstörung"),
        "street": a_case_of(clinic, "Łukasz", "Ørsted", "Straße, Unfall"),
        "percent": a_case_of(clinic, "Ada", "Byron", "100% sure"),
    }
    assert [line.id for line in cases.listed(actor, text=text)] == [numbers[n] for n in found]


def test_what_is_looked_for_is_paged_and_leaves_closed_ones_out(
    clinic: Clinic, actor: Actor
) -> None:
    made = [a_case_of(clinic, f"Anna{n}", "Szőke", "Recall") for n in range(5)]
    closed = a_case_of(clinic, "Anna", "Szőke", "Recall", open=False)
    a_case_of(clinic, "Bo", "Kim", "Filling")

    first = cases.listed(actor, text="szoke", limit=3)
    rest = cases.listed(actor, text="szoke", limit=3, before=first[-1].id)

    assert [line.id for line in (*first, *rest)] == made[::-1]
    everything = cases.listed(actor, text="szoke", only_open=False)
    assert [line.id for line in everything] == [closed, *made[::-1]]


def test_a_search_takes_three_queries_however_many_words(clinic: Clinic, actor: Actor) -> None:
    for number in range(4):
        a_case_of(clinic, f"Anna{number}", "Szőke", f"Recall {number}")
    clinic.store.catalogue(clinic.organisation_id)
    with statements(clinic.store) as seen:
        assert len(cases.listed(actor, text="szoke anna recall")) == 4
    assert len(seen) == 3


def test_who_may_not_see_a_patient_does_not_find_the_case(clinic: Clinic, actor: Actor) -> None:
    other = builders.a_location(clinic, name="Elsewhere")
    person = a_person(clinic, "Lucía", "García")
    builders.a_case(clinic, person, main_problem="Recall")
    builders.an_appointment(clinic, clinic.span(9), patient_id=person)
    bound = builders.an_actor(clinic)
    UserLocation.create(
        organisation_id=clinic.organisation_id, user_id=bound.user_id, location_id=other
    )
    assert cases.listed(actor, text="lucia")
    assert cases.listed(bound, text="lucia") == ()


def test_another_organisations_words_find_nothing(clinic: Clinic, actor: Actor) -> None:
    a_case_of(clinic, "Lucía", "García", "Recall")
    stranger = builders.an_actor(builders.a_clinic(clinic.store, name="Elsewhere"))
    assert cases.listed(stranger, text="recall") == ()
