"""What taking a deed back asks again under the lock: that nothing needs what would go, that what
comes back finds what it names and takes nobody's name, and who may do which part of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import peewee

from clinic_desk.models.documents import Document
from clinic_desk.models.people import Role, Setting, User
from clinic_desk.rules import fold
from clinic_desk.rules.errors import NotAllowed, Refused
from clinic_desk.rules.words import N_
from clinic_desk.services import (
    clinic,
    contacts,
    form_categories,
    patient_access,
    patient_fields,
    patient_notes,
    payments,
    questionnaires,
    roles_book,
    settings,
    staff,
)
from clinic_desk.services import rows as r
from clinic_desk.services.transaction import Statement
from clinic_desk.services.undo_kinds import KINDS, REFERENCES, TARGET

if TYPE_CHECKING:
    from clinic_desk.services.cards import DeedCard
    from clinic_desk.services.undo_places import Step
    from clinic_desk.services.work import Work

IN_USE = N_("This cannot be undone: what was added is in use by now.")
PUT_OUT = N_("Make it inactive, or take it away where it is used first.")
MISSING = N_("This cannot be undone: something that it names does not exist any more.")
NAMED_SO = N_("This cannot be undone: “{name}” is the name of something else by now.")
THERE = N_("This cannot be undone: something else stands in its place by now.")
LOOK = N_("Look at the history and change it by hand.")
AT_HOME = N_("This cannot be undone: telephone numbers were read anew for the new country.")
CHANGE_BACK = N_("Choose the former country on the page “Clinic”; they are then read anew again.")

Judge = Callable[[Sequence[Any]], None]
Question = tuple[Statement, Judge]
"""What to read under the lock, and who refuses by the answer."""

_ONES_OWN = {
    "category.change": ("form_category", form_categories.ANYBODYS),
    "category.remove": ("form_category", form_categories.ANYBODYS),
    "payment.change": ("payment", payments.ANYBODYS),
    "questionnaire.change": ("form", questionnaires.ANYBODYS),
}
"""Deeds on what somebody made, and what it takes where that was somebody else."""

_OF_PATIENTS = frozenset({"care.add", "care.remove", "note.change", "note.write", "patient.change"})


def permissions_of(first: DeedCard) -> list[str]:
    """What undoing needs besides the permission of the deed that was *first* done."""
    names = {f.name for c in first.changes for f in c.fields}
    out = []
    if first.action.startswith("location.") and any(
        c.kind in {"clinic_hours", "closed_day"} for c in first.changes
    ):
        out.append("Hours Update")
    if "medical_alert" in names and first.action == "patient.change":
        out.append(patient_fields.ALERTS)
    return out


def require(
    work: Work, first: DeedCard, steps: Sequence[Step], rows: Mapping[tuple[str, int], peewee.Model]
) -> None:
    """Raise where taking *steps* is not for the actor, or does not fit what stands by now.

    *rows* are those that stand, as they are. Raises ``Refused`` (``NotAllowed``, ``NotFound``).
    """
    together = {(step.kind, step.id) for step in steps}
    asked: list[Question] = []
    for step in steps:
        row = rows.get((step.kind, step.id))
        _require_person(work, first, row)
        if row is not None and step.kind in {"user_account", "role", "location"}:
            _require_rule(work, step, row)
        asked += _gone(work, step, together) if step.then is None else ()
        asked += _back(work, step, row, together) if step.then is not None else ()
        if step.kind == "organisation" and "country" in (step.then or {}):
            asked.append((contacts.numbers_at_home(work.organisation_id), _refuse_home))
    for kind, number, permission in _anybodys(first):
        asked.append((_maker(work, kind, number), _require_own(work, permission)))
    for patient_id in _patients(first, steps, rows):
        asked.append((patient_access.rights(work.actor, patient_id), _require_rights(work)))
    if asked:
        answers = work.look_again(*(statement for statement, _judge in asked))
        for (_statement, judge), found in zip(asked, answers, strict=True):
            judge(found)


def _gone(work: Work, step: Step, together: set[tuple[str, int]]) -> Iterable[Question]:
    """Whether something needs what would go."""
    for table, column in REFERENCES.get(step.kind, ()):
        yield _naming(work, table, column, step.id), _refuse_naming(table, together)


def _back(
    work: Work, step: Step, row: peewee.Model | None, together: set[tuple[str, int]]
) -> Iterable[Question]:
    """Whether what would come back finds what it names, and its name and place free."""
    for model, number in _named(work, step, together):
        yield r.by_id(model, work.organisation_id, number), _refuse_missing
    yield from _rivals(work, step, row)


# Who refers, and what is referred to -----------------------------------------------------------


def _naming(work: Work, table: str, column: str, number: int) -> Statement:
    narrow, values = "", [work.organisation_id, number]
    if (table, column) == ("appointment", "case_id"):  # by the index of the case's patient
        narrow = " AND patient_id = (SELECT patient_id FROM patient_case WHERE id = ?)"
        values.append(number)
    return Statement(
        f"SELECT id FROM {table} WHERE organisation_id = ? AND {column} = ?{narrow} LIMIT 100",  # noqa: S608
        values,
    )


def _refuse_naming(table: str, together: set[tuple[str, int]]) -> Judge:
    def judge(found: Sequence[Any]) -> None:
        if any((table, number) not in together for (number,) in found):
            raise Refused(IN_USE, way_out=PUT_OUT)

    return judge


def _named(
    work: Work, step: Step, together: set[tuple[str, int]]
) -> Iterable[tuple[type[peewee.Model], int]]:
    """What *step* would name again: its model and number."""
    then = step.then or {}
    known = work.catalogue
    if "resource_id" in then and not {then["resource_id"]} & (
        known.providers.keys() | known.operatories.keys()
    ):
        raise Refused(MISSING, way_out=LOOK)
    for name, number in then.items():
        kind = TARGET.get((step.kind, name), "")
        if number is not None and kind and (kind, number) not in together:
            yield Document if kind == "document" else KINDS[kind].model, number


def _refuse_missing(found: Sequence[Any]) -> None:
    if not found:
        raise Refused(MISSING, way_out=LOOK)


def _rivals(work: Work, step: Step, row: peewee.Model | None) -> Iterable[Question]:
    """Questions after those that have the name, or the place, of what comes back."""
    kind, then = KINDS[step.kind], step.then or {}
    table = r.table(kind.model)
    for field, within in kind.names:
        text = then.get(field)
        if text:
            scope = then.get(within, getattr(row, within, None)) if within else None
            narrow = f" AND {within} = ?" if within else ""
            yield (
                Statement(
                    f"SELECT {field} FROM {table} WHERE organisation_id = ? AND id <> ?{narrow}",  # noqa: S608
                    (work.organisation_id, step.id, *([scope] if within else [])),
                ),
                _refuse_name(str(text)),
            )
    if step.kind == "user_account" and "name" in then:
        text = f"SELECT name FROM {table} WHERE name = ? AND id <> ?"  # noqa: S608
        yield Statement(text, (then["name"], step.id)), _refuse_name(str(then["name"]))
    if step.now is None:
        for columns in _unique(kind.model):
            told = " AND ".join(
                f"COALESCE({name}, 0) = ?" if name == "user_id" else f"{name} = ?"
                for name in columns
            )
            values = [r.stored(kind.model, name, then.get(name)) for name in columns]
            if kind.model is Setting:
                values[1] = values[1] or 0
            yield Statement(f"SELECT id FROM {table} WHERE {told}", values), _refuse_there  # noqa: S608


def _unique(model: type[peewee.Model]) -> list[tuple[str, ...]]:
    """The columns of which no two rows may have the same together."""
    if model is Setting:
        return [("organisation_id", "user_id", "name")]
    told = [found for found in model._meta.indexes if isinstance(found, tuple)]
    return [tuple(columns) for columns, unique in told if unique and "id" not in columns]


def _refuse_name(name: str) -> Judge:
    def judge(found: Sequence[Any]) -> None:
        if any(fold.key(other) == fold.key(name) for (other,) in found):
            raise Refused(NAMED_SO, way_out=LOOK, name=name)

    return judge


def _refuse_home(found: Sequence[Any]) -> None:
    if found:
        raise Refused(AT_HOME, way_out=CHANGE_BACK)


def _refuse_there(found: Sequence[Any]) -> None:
    if found:
        raise Refused(THERE, way_out=LOOK)


# Whose it is ---------------------------------------------------------------------------------


def _require_person(work: Work, first: DeedCard, row: peewee.Model | None) -> None:
    """What is somebody's own stays theirs."""
    me = work.actor.user_id
    if isinstance(row, Setting) and row.user_id is not None and row.user_id != me:
        raise NotAllowed(settings.SHARING)
    if first.action == "user.own" and isinstance(row, User) and row.id != me:
        work.require("User Update All")
    if first.action == "note.change" and getattr(row, "author_id", me) != me:
        raise Refused(patient_notes.OTHERS, way_out=patient_notes.WRITE_ANOTHER)


def _require_rule(work: Work, step: Step, row: peewee.Model) -> None:
    """The last administrator, the last location, and nobody above oneself."""
    then = step.then
    if isinstance(row, User):
        fields = {"active": False} if then is None else dict(then)
        if not {"role_id", "active", "approvals", "name"} & fields.keys():
            return
        role_id = fields.get("role_id", row.role_id)
        roles_book.require_below(work, row.role_id)
        roles_book.require_below(work, role_id)
        roles_book.require_administrator(
            work, users={row.id: (role_id, fields.get("active", row.active))}
        )
        role = work.catalogue.roles.get(role_id)
        refusal = staff.approval_refusal(role.name, role.permissions) if role else None
        if fields.get("approvals", row.approvals) and refusal is not None:
            raise refusal
    elif isinstance(row, Role):
        if then is not None and "permissions" in then:
            names = frozenset(json.loads(then["permissions"]))
            roles_book.require_administrator(work, roles={row.id: names})
    elif then is None or then.get("active") is False:
        others = (c for c in work.catalogue.locations.values() if c.id != step.id)
        if not any(c.active for c in others):
            raise Refused(clinic.LAST_PLACE, way_out=clinic.ADD_FIRST)


def _anybodys(first: DeedCard) -> Iterable[tuple[str, int, str]]:
    kind, permission = _ONES_OWN.get(first.action, ("", ""))
    for change in first.changes:
        if change.kind == kind:
            yield kind, change.id, permission


def _maker(work: Work, kind: str, number: int) -> Statement:
    return Statement(
        "SELECT d.actor_id FROM deed d JOIN deed_entity e ON e.organisation_id ="
        " d.organisation_id AND e.seq = d.seq WHERE e.organisation_id = ? AND e.kind = ?"
        " AND e.entity_id = ? ORDER BY d.seq LIMIT 1",
        (work.organisation_id, kind, number),
    )


def _require_own(work: Work, permission: str) -> Judge:
    def judge(found: Sequence[Any]) -> None:
        maker = found[0][0] if found else None
        if maker is None or maker != work.actor.user_id:
            work.require(permission)

    return judge


def _patients(
    first: DeedCard, steps: Iterable[Step], rows: Mapping[tuple[str, int], peewee.Model]
) -> set[int]:
    """Whose data a deed on patients touched."""
    out: set[int] = set()
    for step in steps if first.action in _OF_PATIENTS else ():
        row = rows.get((step.kind, step.id))
        known = (step.then or {}).get("patient_id", getattr(row, "patient_id", None))
        found = step.id if step.kind == "patient" else known
        if found is not None:
            out.add(found)
    return out


def _require_rights(work: Work) -> Judge:
    return lambda found: patient_access.require_change(work, list(found))
