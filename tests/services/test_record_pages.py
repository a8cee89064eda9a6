"""Lists in pages: each in two queries, however long it is, and behind a mark in one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_desk.rules.errors import Invalid
from clinic_desk.services import by_uuid, record_pages
from clinic_desk.services.page_cursors import LONGEST, Cursors, Mark
from tests import builders
from tests.services.counting import statements


def test_a_page_of_visits_takes_two_queries_and_behind_a_mark_one(clinic, actor):
    for hour in range(9, 17):
        builders.an_appointment(clinic, clinic.span(hour))
    record_pages.visits(actor, size=1)
    asked: dict[str, Any] = {"begin": clinic.at(10), "end": clinic.at(15), "size": 3}

    with statements(clinic.store) as seen:
        first = record_pages.visits(actor, **asked)
    assert len(seen) == 2
    with statements(clinic.store) as seen:
        second = record_pages.visits(actor, **asked, after=first.end)

    assert len(seen) == 1
    assert [v.card.span for v in first.items] == [clinic.span(h) for h in (10, 11, 12)]
    assert [v.card.span for v in second.items] == [clinic.span(h) for h in (13, 14)]
    assert [(s.page, s.total) for s in (first, second)] == [(1, 5), (2, 5)]
    assert second.end is None
    assert second == record_pages.visits(actor, **asked, page=2)
    assert {v.patient_uuid for v in first.items} == {
        by_uuid.visit(actor, first.items[0].card.uuid).patient_uuid
    }


def test_a_page_of_patients_takes_two_queries_and_behind_a_mark_one(clinic, actor):
    for number in range(30):
        builders.a_patient(clinic, first_name="Nora", last_name=f"Whitfield{number:02d}")
    builders.a_patient(clinic, first_name="Nora", last_name="Ellis", active=False)
    record_pages.patients(actor, "")

    for text in ("", "nora", "No", "whit nor"):
        with statements(clinic.store) as seen:
            second = record_pages.patients(actor, text, page=2, size=10)
        assert len(seen) == 2, text
        assert (len(second.items), second.total) == (10, 31 if not text else 30), text
        first = record_pages.patients(actor, text, size=10)
        with statements(clinic.store) as seen:
            assert record_pages.patients(actor, text, size=10, after=first.end) == second
        # Parts of names are found in one index and read from another.
        assert len(seen) == (2 if len(text) > 2 else 1), text


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=20), size=st.integers(1, 3))
def test_whatever_is_typed_pages_join_to_the_whole(clinic, actor, text, size):
    whole = record_pages.patients(actor, text, size=100)
    pages = [
        record_pages.patients(actor, text, page=n + 1, size=size)
        for n in range(-(-whole.total // size))
    ]
    walked = [record_pages.patients(actor, text, size=size)]
    while walked[-1].end is not None:
        walked.append(record_pages.patients(actor, text, size=size, after=walked[-1].end))

    assert [card for sheet in pages for card in sheet.items] == list(whole.items)
    assert {sheet.total for sheet in pages} <= {whole.total}
    assert walked == pages or (not pages and walked == [whole])


def test_a_walk_holds_still_whatever_is_written_down_meanwhile(clinic, actor):
    for name in ("Abel", "Cole", "Ellis", "Hale"):
        builders.a_patient(clinic, first_name="Ada", last_name=name)
    booked = [builders.an_appointment(clinic, clinic.span(hour)) for hour in (9, 11, 13)]
    people = record_pages.patients(actor, "", size=2)
    visits = record_pages.visits(actor, size=2)

    builders.a_patient(clinic, first_name="Ada", last_name="Aaron")
    builders.an_appointment(clinic, clinic.span(8))

    behind = record_pages.patients(actor, "", size=2, after=people.end)
    assert [card.last_name for card in (*people.items, *behind.items)] == [
        *("Abel", "Cole", "Ellis", "Hale")
    ]
    later = record_pages.visits(actor, size=2, after=visits.end)
    assert [visit.card.id for visit in later.items] == [booked[2]]
    assert (later.page, later.total) == (2, 3)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_what_stands_before_a_page_is_counted_off_in_an_index(clinic, actor):
    actor = replace(actor, user_id=None)  # a program, which no location binds
    for number in range(40):
        builders.a_patient(clinic, first_name="Nora", last_name=f"Whitfield{number:02d}")
        builders.an_appointment(clinic, clinic.span(9), status="cancelled")
    record_pages.visits(actor, size=1)
    with statements(clinic.store) as asked:
        record_pages.patients(actor, "", page=20, size=2)
        record_pages.visits(actor, page=20, size=2)

    assert len(asked) == 4
    for sql in asked:
        plan = [str(row[3]) for row in clinic.store.rows(f"EXPLAIN QUERY PLAN {sql}")]
        walked = [line for line in plan if line.startswith(("SCAN", "SEARCH"))]
        # What is not the index itself is looked up by its number, for the page only.
        for line in walked:
            assert "COVERING INDEX" in line or "PRIMARY KEY" in line, plan
        if "OFFSET 38" in sql:
            assert any("patient_listed" in line or "appointment_window" in line for line in walked)


def test_a_cursor_tells_nothing_and_opens_for_its_own_question_only(clinic, actor):
    other = builders.an_actor(builders.a_clinic(clinic.store))
    mark = Mark("whitfield nora 12 1986-04-12 " + "ö" * 300, 7, 3, 200)
    text = Cursors(actor, "patients?").written(mark)

    assert Cursors(actor, "patients?").read("after", text) == mark
    assert len(text) < LONGEST
    assert Cursors(actor, "patients?").written(mark) != text
    for wrong in (
        (other, "patients?", text),
        (actor, "patients?query=a", text),
        (actor, "patients?", text[:-2]),
        (actor, "patients?", "A" + text[1:] if text[0] != "A" else "B" + text[1:]),
        (actor, "patients?", ""),
        (actor, "patients?", "ä"),
    ):
        with pytest.raises(Invalid, match="not a cursor"):
            Cursors(wrong[0], wrong[1]).read("after", wrong[2])
