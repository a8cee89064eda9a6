"""Taking a merge back as a whole: every row goes where it was, or none does and it is said why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import peewee

from clinic_desk.models.journal import Outbox
from clinic_desk.models.people import CareTeam, Patient
from clinic_desk.rules.errors import NotFound, Refused
from clinic_desk.rules.words import N_
from clinic_desk.services import journal, patient_fields, patient_merge
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import DeedCard, Done, EntityChange
from clinic_desk.services.patient_merge import ACTION, MOVING
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, command

_MODELS: tuple[type[peewee.Model], ...] = (Patient, CareTeam, *MOVING)
MODELS = {r.table(model): model for model in _MODELS}

UNMERGE = "patient.unmerge"
MERGES = frozenset({ACTION, UNMERGE})
"""Deeds that are taken back as a whole, with all the others of one merge."""

NEVER = N_("This record was not merged into another one.")
CHANGED = N_("This merge cannot be taken back: some of it was changed since.")
BOOKED = N_("This merge cannot be taken back: appointments were added to its cases since.")
BY_HAND = N_("Look at the history, and move what belongs to the other person by hand.")


def unmerge(
    actor: Actor,
    other_id: int,
    *,
    progress: Callable[[int], None] = lambda _steps: None,
    request_id: str | None = None,
) -> Done[int]:
    """Take back the merge of *other_id* into another record; the number of the record that
    stands on its own again. Interrupted, it goes on when it is asked for again.

    Raises ``NotFound`` or ``Refused`` where there is nothing to take back or something was
    changed since, ``NotAllowed`` (of another's merge without "Undo Others").
    """
    deeds = _deeds(actor, other_id)
    visits = sorted(
        change.id for deed in deeds for change in deed.changes if change.kind == "appointment"
    )
    _refuse_booked(actor, deeds, visits)
    changed: dict[tuple[str, int], None] = {}
    seq = 0
    for number, deed in enumerate(reversed(deeds), 1):
        done = _take_back(actor, deed.seq, request_id=_request(deed.seq))
        changed |= dict.fromkeys(done.changed)
        seq = done.seq
        progress(number)
    return Done(other_id, seq, tuple(changed))


def reverse(actor: Actor, deed: DeedCard, *, request_id: str | None = None) -> Done[Any]:
    """Take back the whole merge that *deed* ended; or, where it took a merge apart, merge the two
    again with the same choices. Raises as :func:`unmerge` and ``merge`` do.
    """
    merging = deed
    while merging.action == UNMERGE and merging.undoes is not None:
        merging = journal.told(actor, merging.undoes)
    end = _end(actor, merging.seq)
    told = {c.id: {f.name: f for f in c.fields} for c in end.changes if c.kind == "patient"}
    others = [n for n, f in told.items() if "merged_into_id" in f and "active" in f]
    if len(others) != 1:
        raise Refused(CHANGED, way_out=BY_HAND)
    other_id, kept_id = others[0], int(told[others[0]]["merged_into_id"].after)
    if deed.action == UNMERGE:
        take = told.get(kept_id, {}).keys() & set(patient_fields.NAMES)
        return patient_merge.merge(actor, kept_id, other_id, take=take, request_id=request_id)
    if _deeds(actor, other_id)[-1].seq != end.seq:
        raise Refused(CHANGED, way_out=BY_HAND)
    return unmerge(actor, other_id, request_id=request_id)


def _end(actor: Actor, seq: int) -> DeedCard:
    """The last step of the merge to which deed number *seq* belongs."""
    request, who = actor.store.rows(
        "SELECT request_id, COALESCE(actor_id, 0) FROM deed WHERE organisation_id = ? AND seq = ?",
        (actor.organisation_id, seq),
    )[0]
    steps = _steps(actor, str(request).rpartition(".")[0], who)
    return journal.told(actor, steps[-1])


def _steps(actor: Actor, batch: str, who: int) -> list[int]:
    """The numbers of the deeds of one merge, the first one first."""
    found = actor.store.rows(
        "SELECT seq FROM deed WHERE organisation_id = ? AND COALESCE(actor_id, 0) = ?"
        " AND request_id >= ? AND request_id < ? ORDER BY seq",
        (actor.organisation_id, who, f"{batch}.", f"{batch}/"),
    )
    return [seq for (seq,) in found]


def _deeds(actor: Actor, other_id: int) -> list[DeedCard]:
    """The steps of the last merge of a record, the first one first."""
    last = actor.store.rows(
        "SELECT d.request_id, COALESCE(d.actor_id, 0) FROM deed_entity e JOIN deed d"
        " ON d.organisation_id = e.organisation_id AND d.seq = e.seq"
        " WHERE e.kind = 'patient' AND e.entity_id = ? AND e.organisation_id = ? AND d.action = ?"
        " ORDER BY e.seq DESC LIMIT 1",
        (other_id, actor.organisation_id, ACTION),
    )
    if not last:
        raise Refused(NEVER, way_out=BY_HAND)
    batch, who = str(last[0][0]).rpartition(".")[0], last[0][1]
    found = _steps(actor, batch, who)
    marks = ", ".join("?" * len(found))
    back = actor.store.rows(
        "SELECT 1 FROM deed WHERE organisation_id = ? AND COALESCE(actor_id, 0) = ?"  # noqa: S608
        f" AND request_id IN ({marks})",
        (actor.organisation_id, actor.user_id or 0, *(_request(seq) for seq in found)),
    )
    if len(back) == len(found):
        raise Refused(NEVER, way_out=BY_HAND)
    return [journal.told(actor, seq) for seq in found]


def _request(seq: int) -> str:
    """Each step goes back once; that is also how an interrupted one goes on."""
    return f"back.{seq}"


def _refuse_booked(actor: Actor, deeds: list[DeedCard], visits: list[int]) -> None:
    """A case that goes back must not leave a visit behind that was booked since."""
    moved = set(visits)
    for deed in deeds:
        for change in deed.changes:
            if change.kind == "patient_case":
                here = actor.store.rows(
                    "SELECT id FROM appointment WHERE organisation_id = ? AND case_id = ?"
                    " AND patient_id = (SELECT patient_id FROM patient_case WHERE id = ?)",
                    (actor.organisation_id, change.id, change.id),
                )
                if not {number for (number,) in here} <= moved:
                    raise Refused(BOOKED, way_out=BY_HAND)


@command("Customer Update", action=UNMERGE)
def _take_back(work: Work, seq: int, *, request_id: str | None = None) -> None:
    deed = journal.told(work.actor, seq)
    if deed.action != ACTION:
        raise NotFound
    others = deed.actor_id != work.actor.user_id
    if others:
        work.require("Undo Others")
    work.undoes = seq
    changes = list(reversed(deed.changes))
    # What one did oneself one knows, whoever may be seen by now.
    answers = work.lock(*(work.locked_row(MODELS[c.kind], c.id, seen=others) for c in changes))
    kept: Patient | None = None
    for change, answer in zip(changes, answers, strict=True):
        row = work.found(MODELS[change.kind], answer)
        before = _fields(type(row), change, after=False)
        after = _fields(type(row), change, after=True)
        if any(getattr(row, name) != value for name, value in after.items() if name != "search"):
            raise Refused(CHANGED, way_out=BY_HAND)
        if "search" in before:
            kept, before = row if isinstance(row, Patient) else None, _without(before, "search")
        work.change(row, **before)
    if kept is not None:
        _renew_search(work, kept, [c.id for c in changes if c.kind == "patient"])


def _without(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {k: v for k, v in fields.items() if k != name}


def _fields(model: type[peewee.Model], change: EntityChange, *, after: bool) -> dict[str, Any]:
    out = {f.name: f.after if after else f.before for f in change.fields if f.name != "version"}
    if model is Outbox:  # where it went, if it went meanwhile, stays true
        out.pop("recipient", None)
    if model is Patient and isinstance(out.get("date_of_birth"), str):
        out["date_of_birth"] = date.fromisoformat(out["date_of_birth"])
    return out


def _renew_search(work: Work, kept: Patient, leaving: list[int]) -> None:
    """The kept record is found by its own number, and by those that are still its own."""
    (found,) = work.look_again(
        Statement(
            "SELECT id, number FROM patient WHERE merged_into_id = ? AND organisation_id = ?",
            (kept.id, work.organisation_id),
        )
    )
    former = sorted(label for number, label in found if number not in leaving)
    whole = {name: getattr(kept, name) for name in patient_fields.NAMES}
    home = work.catalogue.organisation.country
    work.change(kept, search=patient_fields.key_of(whole, kept.number, home, former))
