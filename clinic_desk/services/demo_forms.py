"""The demo's forms: two categories, three triage forms, a questionnaire, a few of them filled."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from clinic_desk.models.forms import Form, FormAnswer, FormCategory, FormType
from clinic_desk.rules.form_fields import FieldKind, Question, to_json
from clinic_desk.services import chain
from clinic_desk.services.bulk import Who
from clinic_desk.services.demo_rows import Clinic, Fields, Maker
from clinic_desk.services.diary_view import instant

FILLED = 4
"""So many visits have each triage form answered."""

CHOICE = FieldKind.CHOICE
YES_NO = ("yes", "no", "not sure")

CATEGORIES = (("Medical history", "#0067db"), ("Reason for the visit", "#c46200"))


@dataclass(frozen=True, slots=True)
class Told:
    """A form as it is told: its category, the codes of its types, and who answered what."""

    name: str
    kind: str
    category: str
    codes: tuple[str, ...]
    questions: tuple[Question, ...]
    answers: tuple[dict[str, str], ...]


FORMS = (
    Told(
        "First visit: medical questions",
        "triage",
        "Medical history",
        ("NPE",),
        (
            Question("allergies", "Which allergies are known?"),
            Question("medicine", "Is any medicine taken every day?", CHOICE, False, YES_NO),
            Question("heart", "Is the heart or the blood treated?", CHOICE, False, YES_NO),
            Question("before", "When was the last visit to a dentist?", FieldKind.DATE),
        ),
        (
            {"allergies": "Penicillin", "medicine": "no", "heart": "no"},
            {"allergies": "None known", "medicine": "yes", "heart": "yes"},
            {"medicine": "not sure", "heart": "no"},
        ),
    ),
    Told(
        "Emergency: pain",
        "triage",
        "Reason for the visit",
        ("EMG",),
        (
            Question("where", "Where does it hurt?", required=True),
            Question("strong", "How strong is it, from 0 to 10?", FieldKind.NUMBER),
            Question("since", "Since which day?", FieldKind.DATE),
            Question("fever", "Is there a fever or a swelling?", CHOICE, False, YES_NO),
        ),
        (
            {"where": "Lower left, at the back", "strong": "7", "fever": "no"},
            {"where": "Upper front tooth, after a fall", "strong": "4", "fever": "no"},
            {"where": "Right cheek", "strong": "8", "fever": "yes"},
        ),
    ),
    Told(
        "Hygiene: before cleaning",
        "triage",
        "Medical history",
        ("HYG", "SRP"),
        (
            Question("gums", "Do the gums bleed?", CHOICE, False,
                     ("never", "sometimes", "often")),
            Question("smokes", "How many cigarettes a day?", FieldKind.NUMBER),
            Question("wish", "What shall we look at in particular?"),
        ),
        (
            {"gums": "sometimes", "smokes": "0"},
            {"gums": "never", "wish": "Stains on the front teeth"},
            {"gums": "often", "smokes": "10", "wish": "A cold-sensitive tooth"},
        ),
    ),
    Told(
        "Before approving: implants and braces",
        "approval",
        "Reason for the visit",
        ("IMP", "ORC"),
        (
            Question("picture", "Is there an X-ray of this year?", CHOICE, True,
                     ("yes", "no, to be made")),
            Question("costs", "Were the costs talked over?", CHOICE, False, YES_NO),
        ),
        ({"picture": "yes", "costs": "yes"}, {"picture": "no, to be made", "costs": "no"}),
    ),
)  # fmt: skip


def write(maker: Maker, clinic: Clinic, now: datetime) -> None:
    """Write the forms whose types the clinic has; nothing where it has none of them.

    Every request that a questionnaire is asked for has it answered: the demo's requests can be
    approved with one click.
    """
    numbers = {service.code: number for number, service in clinic.services.items()}
    told = [form for form in FORMS if any(code in numbers for code in form.codes)]
    if not told:
        return
    owner = clinic.users.get("director")
    places = maker.create(
        FormCategory,
        [
            {"name": name, "colour": colour, "owner_id": owner, "position": position}
            for position, (name, colour) in enumerate(CATEGORIES)
        ],
    )
    category = {name: number for (name, _c), number in zip(CATEGORIES, places, strict=True)}
    ids = maker.create(
        Form,
        [
            {
                "kind": form.kind,
                "name": form.name,
                "fields": to_json(form.questions),
                "category_id": category[form.category],
            }
            for form in told
        ],
    )
    types = [[numbers[code] for code in form.codes if code in numbers] for form in told]
    maker.create(
        FormType,
        [
            {"form_id": number, "type_id": type_id}
            for number, of_form in zip(ids, types, strict=True)
            for type_id in of_form
        ],
    )
    for form, number, of_form in zip(told, ids, types, strict=True):
        visits = _visits(maker, of_form, requested=form.kind == "approval")
        if form.kind == "triage":
            visits = maker.chance.sample(visits, min(FILLED, len(visits)))
        _answer(maker, clinic, form, number, visits, now)


def _visits(maker: Maker, types: Sequence[int], *, requested: bool) -> list[tuple[int, Any]]:
    """Number and start of the visits that may have been answered, in their order."""
    kinds = ", ".join(str(number) for number in types)
    wanted = "= 'requested'" if requested else "IN ('confirmed', 'arrived', 'completed')"
    return [
        (number, instant(starts_at))
        for number, starts_at in maker.load.store.rows(
            "SELECT id, starts_at FROM appointment WHERE organisation_id = ?"  # noqa: S608
            f" AND type_id IN ({kinds}) AND status {wanted} ORDER BY id",
            (maker.load.organisation_id,),
        )
    ]


def _answer(
    maker: Maker,
    clinic: Clinic,
    form: Told,
    form_id: int,
    visits: Sequence[tuple[int, datetime]],
    now: datetime,
) -> None:
    """A colleague wrote down what was said, and the history tells when."""
    names = {name: display for _role, name, display in clinic.outline.roles}
    who = Who(names["scheduler"], clinic.users["scheduler"])
    questions = to_json(form.questions)
    for place, (visit_id, starts_at) in enumerate(visits):
        at = min(now, starts_at) - timedelta(minutes=maker.chance.randrange(5, 16))
        given = form.answers[place % len(form.answers)]
        text = {"questions": questions, "answers": given}
        row: Fields = {
            "form_id": form_id,
            "appointment_id": visit_id,
            "answers": json.dumps(text, ensure_ascii=False, sort_keys=True),
            "answered_by": who.user_id,
            "answered_at": at,
            "version": 1,
            "id": maker.numbers.next("form_answer"),
            "uuid": maker.uuid(),
        }
        maker.load.create(FormAnswer, [row], told=False)
        after = {**row, "organisation_id": maker.load.organisation_id}
        del after["id"]
        action = "triage.answer" if form.kind == "triage" else "questionnaire.answer"
        change = chain.Change("form_answer", row["id"], True, {}, after)
        maker.load.deed([change], action=action, who=who, at=at)
