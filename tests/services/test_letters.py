"""Letters: the patient's language, the location's clock, the clinic's own words."""

from __future__ import annotations

from datetime import UTC, datetime

import catalogues
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_desk import i18n
from clinic_desk.rules.errors import Invalid
from clinic_desk.services import letters
from clinic_desk.services.letter_texts import NAMES, SHIPPED, Kind, Words, places
from clinic_desk.services.letters import Facts

LANGUAGES = ["en", "de", "fr", "es", "pt_BR", "hu", "ar"]

FACTS = Facts(
    patient="Jane Smith",
    clinic="Zahnärzte & Co",
    starts_at=datetime(2031, 5, 20, 7, 30, tzinfo=UTC),
    time_zone="Europe/Vienna",
    provider="Dr Chen",
    location="Main Street",
    address="Hauptstraße 1\n1010 Wien",
    phone="+43 1 555",
    earlier_at=datetime(2031, 5, 19, 12, 0, tzinfo=UTC),
    reason="No free chair",
    code="482913",
    until=datetime(2031, 5, 20, 8, 0, tzinfo=UTC),
    shared=("Name",),
    purpose="A second opinion",
    visits=(
        Facts(
            starts_at=datetime(2031, 5, 20, 7, 30, tzinfo=UTC),
            time_zone="Europe/Vienna",
            provider="Dr Chen",
            earlier_at=datetime(2031, 5, 19, 12, 0, tzinfo=UTC),
        ),
        Facts(starts_at=datetime(2031, 5, 27, 7, 30, tzinfo=UTC), time_zone="Europe/Vienna"),
    ),
)


@pytest.fixture(autouse=True, scope="module")
def compiled() -> None:
    catalogues.compile_all()
    i18n.forget_catalogues()


def test_every_kind_has_words_and_a_name():
    assert set(SHIPPED) == set(NAMES) == set(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_the_shipped_words_pass_the_check_for_the_clinics_own(kind):
    letters.checked(kind, SHIPPED[kind].subject, SHIPPED[kind].body)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", Kind)
def test_every_letter_in_every_language_is_whole(kind, language):
    letter = letters.composed(kind, FACTS, language, {})

    assert letter.subject
    assert "\n" not in letter.subject
    assert not {"{", "}"} & set(letter.text + letter.html.replace("{ ", ""))
    assert ("Jane Smith" in letter.text) is ("{patient}" in SHIPPED[kind].body)
    assert letter.right_to_left is (language == "ar")
    assert f'lang="{language.replace("_", "-")}"' in letter.html
    assert f'dir="{"rtl" if language == "ar" else "ltr"}"' in letter.html


def test_a_time_is_that_of_the_location_in_the_words_of_the_language():
    english = letters.composed(Kind.CONFIRMATION, FACTS, "en", {})
    german = letters.composed(
        Kind.CONFIRMATION,
        FACTS,
        "de",
        {("confirmation", "de"): Words("Termin", "{day} um {time}")},
    )

    assert "Tuesday, May 20, 2031" in english.text
    assert "9:30" in english.text
    assert german.text == "Dienstag, 20. Mai 2031 um 09:30\n"


def test_what_people_are_called_cannot_become_markup():
    facts = Facts(patient="<b>{clinic}</b> & Co", clinic="C", starts_at=FACTS.starts_at)

    letter = letters.composed(Kind.CONFIRMATION, facts, "en", {})

    assert "&lt;b&gt;{clinic}&lt;/b&gt; &amp; Co" in letter.html
    assert "<b>" not in letter.html


def test_a_foreign_name_in_an_arabic_letter_stands_apart():
    letter = letters.composed(Kind.REMINDER, FACTS, "ar", {})

    assert "\u2068Jane Smith\u2069" in letter.text
    assert "<bdi>Jane Smith</bdi>" in letter.html


def test_a_line_that_would_say_nothing_is_left_out():
    facts = Facts(patient="Jane", clinic="C", starts_at=FACTS.starts_at)

    letter = letters.composed(Kind.CONFIRMATION, facts, "en", {})

    assert "please call us" not in letter.text
    assert "\n\n\n" not in letter.text


def test_the_clinics_own_words_win_in_their_language_only():
    own = {("reminder", "en"): Words("See you {day}", "Bring a towel, {patient}!")}

    assert letters.composed(Kind.REMINDER, FACTS, "en", own).text == "Bring a towel, Jane Smith!\n"
    assert "towel" not in letters.composed(Kind.REMINDER, FACTS, "fr", own).text
    assert "towel" in letters.composed(Kind.REMINDER, FACTS, "en_GB", own).text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("Hello {name}", "body"),
        ("Hello {patient.__class__}", "body"),
        ("Hello {patient!r}", "body"),
        ("Hello {patient:>900}", "body"),
        ("Hello {0}", "body"),
        ("Hello {code}", "body"),
        ("Hello {", "body"),
        ("", "body"),
        ("x" * 20_000, "body"),
    ],
)
def test_words_that_cannot_be_filled_are_refused_with_a_sentence(body, field):
    with pytest.raises(Invalid) as told:
        letters.checked(Kind.CONFIRMATION, "Subject", body)

    assert told.value.field == field
    assert str(told.value)


def test_an_unknown_place_is_named_with_those_that_are_known():
    with pytest.raises(Invalid, match=r"“\{name\}”.*\{patient\}, \{day\}"):
        letters.checked(Kind.CONFIRMATION, "Subject", "Hello {name}")


def test_a_letter_with_a_code_must_hold_the_code_and_who_asks():
    for place in ("code", "clinic", "shared", "purpose"):
        others = {"{code}", "{clinic}", "{shared}", "{purpose}"} - {f"{{{place}}}"}
        with pytest.raises(Invalid, match=rf"“\{{{place}\}}” must stand"):
            letters.checked(Kind.CODE, "Code", " ".join(others))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_with_a_code_says_what_the_data_are_for_in_every_language(language):
    older = {(str(Kind.CODE), language): Words("Ours", "{code} for {clinic}, {shared}")}

    for own in ({}, older):  # and who wrote their own words before they had to say so
        letter = letters.composed(Kind.CODE, FACTS, language, own)
        assert "A second opinion" in letter.text
        assert "A second opinion" in letter.html
        assert letter.subject != "Ours"
        assert language == "en" or "What for" not in letter.text


def test_a_subject_is_one_line():
    with pytest.raises(Invalid, match="one line"):
        letters.checked(Kind.REMINDER, "See you\nBcc: everybody", "Hello")


@pytest.mark.parametrize("kind", Kind)
def test_a_preview_shows_no_real_person_and_no_code(kind):
    letter = letters.preview(
        kind, SHIPPED[kind].subject, SHIPPED[kind].body, "en", "Test Clinic", "Europe/Vienna"
    )

    assert "Maria Example" in letter.text
    assert kind is not Kind.CODE or letters.MASK in letter.text


@given(st.text(max_size=80), st.sampled_from(Kind))
def test_whatever_is_typed_is_refused_or_composed(text, kind):
    try:
        own = letters.checked(kind, "Subject", text)
    except Invalid:
        return
    letter = letters.composed(kind, FACTS, "en", {(str(kind), "en"): own})

    assert letter.text.endswith("\n")


@pytest.mark.parametrize("kind", Kind)
def test_every_place_is_filled_from_the_facts(kind):
    body = " ".join(f"[{{{place}}}]" for place in places(kind))
    own = {(str(kind), "en"): letters.checked(kind, "Subject", body)}

    assert "[]" not in letters.composed(kind, FACTS, "en", own).text
