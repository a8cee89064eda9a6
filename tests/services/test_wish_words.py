"""One line of words, and times that can be booked with one call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from clinic_desk.models.people import Patient
from clinic_desk.rules.errors import NotAllowed
from clinic_desk.services import diary, wish_why, wish_words
from clinic_desk.services.actor import Actor
from clinic_desk.services.wish_why import Silence
from clinic_desk.services.wish_words import WordOffer
from tests import builders
from tests.builders import TUESDAY, Clinic
from tests.services.counting import statements

FRIDAY = datetime(2031, 5, 16, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def town(clinic: Clinic) -> dict[str, int]:
    """Two services, Dr Chen and Dr Park, patients with awkward names."""
    return {
        "hyg": builders.a_type(clinic, code="HYG", name="Hygiene", minutes=45),
        "chen": builders.a_provider(clinic, last_name="Chen", initials="LC"),
        "park": builders.a_provider(clinic, last_name="Park", initials="JP"),
        "smith": builders.a_patient(clinic, last_name="Smythe", first_name="Ann"),
        "chen patient": builders.a_patient(clinic, last_name="Chen", first_name="Mei"),
    }


def offers(actor: Actor, text: str) -> tuple[WordOffer, ...]:
    return wish_words.offers_for(actor, text, now=FRIDAY)


def test_the_line_of_the_manual_gives_offers_that_can_be_booked(
    clinic: Clinic, actor: Actor, town: dict[str, int]
) -> None:
    found = offers(actor, "smythe hyg tue pm chen")

    assert len(found) == 6
    assert {(o.patient.id, o.type.id, o.provider.id) for o in found} == {
        (town["smith"], town["hyg"], town["chen"])
    }
    assert [o.span for o in found[:2]] == [
        clinic.span(12, minutes=45),
        clinic.span(12, 45, minutes=45),
    ]
    assert found[0].reading == (("smythe", "patient"), ("hyg", "type"), ("chen", "provider"))
    card = wish_words.book(actor, found[0]).value
    assert (card.span, card.operatory) == (found[0].span, found[0].operatory)
    assert offers(actor, "smythe hyg tue pm chen")[0].span == found[1].span


def test_a_name_of_a_provider_alone_is_the_patients(
    clinic: Clinic, actor: Actor, town: dict[str, int]
) -> None:
    found = offers(actor, "chen hyg tomorrow")

    assert {o.patient.id for o in found} == {town["chen patient"]}
    assert found[0].span.starts_at == clinic.at(8, day=TUESDAY - 3 * DAY)


def test_an_ambiguous_word_gives_alternatives_the_likelier_first(
    clinic: Clinic, actor: Actor, town: dict[str, int]
) -> None:
    builders.a_patient(clinic, last_name="Smythe Chen", first_name="Bo")

    found = offers(actor, "smythe chen hyg tue")

    assert found[0].provider.id == town["chen"]
    assert any(o.reading[1] == ("chen", "patient") for o in found)


def test_several_patients_of_one_name_are_all_offered(
    clinic: Clinic, actor: Actor, town: dict[str, int]
) -> None:
    other = builders.a_patient(clinic, last_name="Smythe", first_name="Zoe")

    found = offers(actor, "smythe hyg tue")

    assert {o.patient.id for o in found} == {town["smith"], other}
    assert len(found) == 6


def test_without_a_service_it_is_what_the_patient_had_last(
    clinic: Clinic, actor: Actor, town: dict[str, int]
) -> None:
    builders.an_appointment(clinic, clinic.span(9), patient_id=town["smith"], type_id=town["hyg"])

    assert offers(actor, "smythe")[0].type.id == town["hyg"]
    assert offers(actor, "mei chen")[0].type.id == clinic.type_id


def test_the_preferred_provider_comes_first(
    clinic: Clinic, actor: Actor, town: dict[str, int]
) -> None:
    Patient.update(preferred_provider_id=town["park"]).where(Patient.id == town["smith"]).execute()

    assert {o.provider.id for o in offers(actor, "smythe hyg tue")} == {town["park"]}


def test_a_clock_time_is_kept(clinic: Clinic, actor: Actor, town: dict[str, int]) -> None:
    found = offers(actor, "smythe hyg 14:30 park")

    assert [o.span.starts_at for o in found] == [
        clinic.at(14, 30, day=TUESDAY + n * DAY) for n in range(-4, 2)
    ]


def test_a_location_is_understood(clinic: Clinic, actor: Actor, town: dict[str, int]) -> None:
    branch = builders.a_location(clinic, name="Harbour Branch")
    builders.work_hours(clinic, town["park"], weekday=1, location_id=branch)

    found = offers(actor, "smythe hyg tue harbour")

    assert {o.location.id for o in found if o.location} == {branch}


@pytest.mark.parametrize("text", ["", "   ", "tue pm", "nobody hyg tue", "hyg"])
def test_without_a_patient_nothing_is_offered(
    clinic: Clinic, actor: Actor, town: dict[str, int], text: str
) -> None:
    assert offers(actor, text) == ()


def test_nobody_else_sees_it(clinic: Clinic, town: dict[str, int]) -> None:
    with pytest.raises(NotAllowed):
        offers(builders.an_actor(clinic, frozenset()), "smythe")


def test_a_line_takes_few_queries(clinic: Clinic, actor: Actor, town: dict[str, int]) -> None:
    clinic.store.occupancy(clinic.organisation_id).catch_up()
    offers(actor, "smythe hyg tue")

    with statements(clinic.store) as seen:
        offers(actor, "smythe hyg tue pm chen")

    assert len(seen) <= 12


def test_what_is_offered_is_free(clinic: Clinic, actor: Actor, town: dict[str, int]) -> None:
    builders.an_event(clinic, clinic.span(8, minutes=240), resource_id=town["chen"])

    for offer in offers(actor, "smythe hyg tue chen"):
        assert not diary.check(
            actor,
            span=offer.span,
            type_id=offer.type.id,
            provider_id=offer.provider.id,
            patient_id=offer.patient.id,
            operatory_id=offer.operatory.id if offer.operatory else None,
        )


@pytest.mark.parametrize(
    ("text", "why", "words"),
    [
        ("smythe hyg wendsday", Silence.WORDS, (("wendsday", "wednesday"),)),
        ("smythe hygeine tue", Silence.WORDS, (("hygeine", "hygiene"),)),
        ("smythe qqq tue xyzzy", Silence.WORDS, (("qqq", ""), ("xyzzy", ""))),
        ("hyg tue", Silence.NAMELESS, ()),
        ("tue pm", Silence.NAMELESS, ()),
        ("smythe mei hyg", Silence.NOBODY, (("smythe", ""), ("mei", ""))),
        ("smythe hyg tue 23:30", Silence.NO_TIME, ()),
    ],
)
def test_a_line_that_gives_nothing_says_which_words_are_wrong(
    clinic: Clinic,
    actor: Actor,
    town: dict[str, int],
    text: str,
    why: Silence,
    words: tuple[tuple[str, str], ...],
) -> None:
    assert offers(actor, text) == ()
    silent = wish_why.why_none(actor, text, now=FRIDAY)

    assert (silent.why, silent.words) == (why, words)


def test_what_keeps_the_provider_who_is_named_from_it_is_said(
    clinic: Clinic, actor: Actor, town: dict[str, int]
) -> None:
    builders.a_provider(clinic, hours=None, last_name="Idle", initials="II")
    needed = builders.a_qualification(clinic, "Scaling", town["park"])
    builders.a_type(clinic, code="SCL", name="Scaling", qualification_ids=(needed,))

    silent = wish_why.why_none(actor, "smythe scl tue pm chen", now=FRIDAY)
    assert silent.message == "{provider} is not qualified for {type}."
    assert ("Chen" in silent.params["provider"], silent.params["type"]) == (True, "Scaling")
    assert silent.instead == "smythe scl tue pm"

    silent = wish_why.why_none(actor, "smythe chk, tue idle", now=FRIDAY)
    assert silent.message == "{provider} does not work then."
    assert silent.instead == "smythe chk tue"

    assert wish_why.why_none(actor, "smythe hyg tue 23:30 park", now=FRIDAY).message == ""
