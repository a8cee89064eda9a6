"""Questions of a form and what answers them: kinds, what is asked of an answer, JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_

MOST_QUESTIONS = 60
MOST_CHOICES = 40
LONGEST_QUESTION = 300
LONGEST_CHOICE = 200
LONGEST_ANSWER = 4_000

NONE = N_("The form asks nothing yet.")
ADD_ONE = N_("Add a question.")
TOO_MANY = N_("A form has at most {most} questions.")
LEAVE_OUT = N_("Take some out, or make a second form.")
NO_TEXT = N_("Question {number} has no text.")
WRITE_IT = N_("Write the question, or take it out.")
FEW_CHOICES = N_("Question {number} needs at least two different choices.")
ADD_CHOICES = N_("Write one choice a line.")
MANY_CHOICES = N_("Question {number} has more than {most} choices.")
MISSING = N_("This question has to be answered.")
ANSWER_IT = N_("Answer it, or ask whoever knows.")
NO_NUMBER = N_("This is no number.")
TYPE_FIGURES = N_("Type it in figures, such as 37.5.")
NO_DAY = N_("This is no day.")
TYPE_DAY = N_("Write day, month and year in figures.")
NO_CHOICE = N_("This is none of the choices.")
CHOOSE = N_("Choose one of the list.")

_KEY = re.compile(r"[a-z0-9]{1,32}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?")


class FieldKind(StrEnum):
    """What kind of answer a question wants."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``key`` names it for ever, ``choices`` are for the kind of that name."""

    key: str
    text: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()


def checked_questions(questions: Iterable[Question]) -> tuple[Question, ...]:
    """The questions as they are stored: tidied, each with all that it needs.

    Raises ``Invalid`` (field "questions"), telling which one is wrong.
    """
    out: list[Question] = []
    for number, one in enumerate(questions, 1):
        text = fold.clean("questions", one.text, longest=LONGEST_QUESTION)
        if not text:
            raise Invalid("questions", NO_TEXT, way_out=WRITE_IT, number=number)
        if not _KEY.fullmatch(one.key) or any(one.key == other.key for other in out):
            raise ValueError("a question has no key of its own")
        choices: tuple[str, ...] = ()
        if one.kind is FieldKind.CHOICE:
            tidy = (fold.clean("questions", c, longest=LONGEST_CHOICE) for c in one.choices)
            choices = tuple(dict.fromkeys(filter(None, tidy)))
            if len(choices) < 2:
                raise Invalid("questions", FEW_CHOICES, way_out=ADD_CHOICES, number=number)
            if len(choices) > MOST_CHOICES:
                raise Invalid(
                    "questions", MANY_CHOICES, way_out=LEAVE_OUT, number=number, most=MOST_CHOICES
                )
        out.append(Question(one.key, text, one.kind, one.required, choices))
    if not out:
        raise Invalid("questions", NONE, way_out=ADD_ONE)
    if len(out) > MOST_QUESTIONS:
        raise Invalid("questions", TOO_MANY, way_out=LEAVE_OUT, most=MOST_QUESTIONS)
    return tuple(out)


def checked_answers(questions: Iterable[Question], answers: Mapping[str, str]) -> dict[str, str]:
    """The answers by key as they are stored: numbers with a point, days as ISO, none empty.

    Raises ``Invalid`` whose field is the key of the question. What nobody asked is left out.
    """
    out = {}
    for one in questions:
        text = fold.clean(
            one.key,
            answers.get(one.key, ""),
            lines=one.kind is FieldKind.TEXT,
            longest=LONGEST_ANSWER,
        )
        if text:
            out[one.key] = _answer(one, text)
        elif one.required:
            raise Invalid(one.key, MISSING, way_out=ANSWER_IT)
    return out


def missing(questions: Iterable[Question], answers: Mapping[str, str]) -> int:
    """How many questions that have to be answered are not."""
    return sum(one.required and not answers.get(one.key) for one in questions)


def _answer(one: Question, text: str) -> str:
    if one.kind is FieldKind.NUMBER:
        if not _NUMBER.fullmatch(text):
            raise Invalid(one.key, NO_NUMBER, way_out=TYPE_FIGURES)
        return format(Decimal(text), "f")
    if one.kind is FieldKind.DATE:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise Invalid(one.key, NO_DAY, way_out=TYPE_DAY) from None
    if one.kind is FieldKind.CHOICE and text not in one.choices:
        raise Invalid(one.key, NO_CHOICE, way_out=CHOOSE)
    return text


def to_json(questions: Iterable[Question]) -> str:
    """The questions as the database keeps them."""
    return json.dumps(
        [
            {
                "key": one.key,
                "text": one.text,
                "kind": str(one.kind),
                "required": one.required,
                "choices": list(one.choices),
            }
            for one in questions
        ],
        ensure_ascii=False,
    )


def from_json(text: str) -> tuple[Question, ...]:
    """The questions that :func:`to_json` wrote."""
    return tuple(
        Question(
            one["key"],
            one["text"],
            FieldKind(one["kind"]),
            bool(one["required"]),
            tuple(one["choices"]),
        )
        for one in json.loads(text)
    )
