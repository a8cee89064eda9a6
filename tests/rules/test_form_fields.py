from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules import form_fields
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.form_fields import FieldKind, Question

PAIN = Question("pain", "Where does it hurt?", FieldKind.CHOICE, True, ("left", "right"))
SINCE = Question("since", "Since when?", FieldKind.DATE)
FEVER = Question("fever", "Fever?", FieldKind.NUMBER)
TOLD = Question("told", "What happened?")
ALL = (PAIN, SINCE, FEVER, TOLD)

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(
    str.strip
)
questions = st.lists(
    st.builds(
        Question,
        st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True),
        texts,
        st.sampled_from([FieldKind.TEXT, FieldKind.NUMBER, FieldKind.DATE]),
        st.booleans(),
    ),
    min_size=1,
    max_size=10,
    unique_by=lambda one: one.key,
)


@given(questions)
def test_questions_come_back_as_they_were_checked_and_checking_again_changes_nothing(asked):
    checked = form_fields.checked_questions(asked)

    assert form_fields.from_json(form_fields.to_json(checked)) == checked
    assert form_fields.checked_questions(checked) == checked


def test_answers_are_kept_in_one_way():
    answers = {"pain": "left", "since": "2031-05-20", "fever": "37.50", "told": " a\nb ", "x": "y"}

    clean = form_fields.checked_answers(ALL, answers)

    assert clean == {"pain": "left", "since": "2031-05-20", "fever": "37.50", "told": "a\nb"}
    assert form_fields.checked_answers(ALL, clean) == clean


@pytest.mark.parametrize(
    ("key", "answers"),
    [
        ("pain", {}),
        ("pain", {"pain": "  "}),
        ("pain", {"pain": "above"}),
        ("since", {"pain": "left", "since": "20.5."}),
        ("since", {"pain": "left", "since": "2031-02-30"}),
        ("fever", {"pain": "left", "fever": "high"}),
        ("fever", {"pain": "left", "fever": "1e5"}),
        ("fever", {"pain": "left", "fever": "NaN"}),
        ("told", {"pain": "left", "told": "x" * 4001}),
        ("told", {"pain": "left", "told": "a\0"}),
    ],
)
def test_a_wrong_answer_is_refused_at_its_question(key, answers):
    with pytest.raises(Invalid) as refused:
        form_fields.checked_answers(ALL, answers)
    assert refused.value.field == key


def test_what_has_to_be_answered_is_counted():
    assert form_fields.missing(ALL, {}) == 1
    assert form_fields.missing(ALL, {"pain": "left"}) == 0


@pytest.mark.parametrize(
    "asked",
    [
        [],
        [Question("a", " ")],
        [Question("a", "x" * 301)],
        [Question("a", "Which?", FieldKind.CHOICE, choices=("one", " one ", ""))],
        [Question("a", "Which?", FieldKind.CHOICE, choices=tuple(map(str, range(41))))],
        [Question(f"q{n}", "Why?") for n in range(61)],
    ],
)
def test_what_is_no_form_is_refused_with_a_way_out(asked):
    with pytest.raises(Invalid) as refused:
        form_fields.checked_questions(asked)
    assert refused.value.field == "questions"
    assert refused.value.way_out or "longer" in str(refused.value)
