"""The history of a patient: every field that was changed, of the record and what hangs on it.

Medical alerts are told to those who may see them; to others only that there was a change.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from clinic_desk.rules.words import N_
from clinic_desk.services import patient_access
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Origin
from clinic_desk.services.case_cards import HistoryLine, HistoryPage
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.deeds import RECORD
from clinic_desk.services.diary_view import instant
from clinic_desk.services.journal import HIDDEN, HIDING
from clinic_desk.services.patient_fields import ALERTS
from clinic_desk.services.work import query

LABELS = {
    "first_name": N_("First name"),
    "last_name": N_("Last name"),
    "date_of_birth": N_("Date of birth"),
    "gender": N_("Gender"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "address": N_("Address"),
    "postcode": N_("Postcode"),
    "city": N_("City"),
    "country": N_("Country"),
    "national_id": N_("National identifier"),
    "language": N_("Language"),
    "alert": N_("Alert"),
    "medical_alert": N_("Medical alert"),
    "guardian_name": N_("Guardian"),
    "guardian_relation": N_("Relation"),
    "guardian_phone": N_("Guardian's phone"),
    "guardian_email": N_("Guardian's e-mail"),
    "preferred_provider_id": N_("Preferred provider"),
    "merged_into_id": N_("Merged into"),
    "active": N_("Active"),
    "user_id": N_("Care team"),
    "text": N_("Note"),
    "name": N_("Document"),
}
"""The fields that a reader is told of."""

ABOUT = {
    "patient": N_("Patient"),
    "care_team": N_("Care team"),
    "patient_note": N_("Note"),
    "document": N_("Document"),
}


@query("Customer Show")
def history(
    actor: Actor, patient_id: int, *, before: int | None = None, limit: int = 100
) -> HistoryPage:
    """What happened to a patient's record, the newest first; *before* is the ``older`` of the
    page above. A deed is never torn apart. Raises ``NotFound``.
    """
    patient_access.require_seen(actor, patient_id)
    found = actor.store.rows(
        "SELECT d.seq, d.at, d.actor_id, d.origin, d.action, d.undoes, t.body FROM deed d"
        " LEFT JOIN deed_text t ON t.organisation_id = d.organisation_id AND t.seq = d.seq"
        " WHERE d.organisation_id = ? AND d.seq < ? AND d.seq IN (SELECT e.seq FROM deed_entity e"
        " WHERE e.organisation_id = ? AND e.kind IN ('patient', ?) AND e.entity_id = ?)"
        " ORDER BY d.seq DESC LIMIT ?",
        (
            actor.organisation_id,
            before or 2**62,
            actor.organisation_id,
            RECORD,
            patient_id,
            limit + 1,
        ),
    )
    catalogue = actor.store.catalogue(actor.organisation_id)
    shown = found[:limit]
    lines = tuple(line for deed in shown for line in _lines(actor, catalogue, patient_id, deed))
    return HistoryPage(lines, shown[-1][0] if len(found) > limit else None)


def _lines(actor: Actor, catalogue: Catalogue, patient_id: int, deed: Any) -> Iterator[HistoryLine]:
    seq, at, actor_id, origin, action, undoes, body = deed
    text: dict[str, Any] = json.loads(body) if body else {}
    for change in text.get("changes", ()):
        if change["kind"] not in ABOUT or not _about(change, patient_id):
            continue
        before, after = change["before"], change["after"]
        for name, label in LABELS.items():
            was, became = before.get(name), after.get(name)
            if was == became or (change["created"] and became in {"", None}):
                continue
            yield HistoryLine(
                seq=seq,
                at=instant(at),
                actor_id=actor_id,
                who=text.get("actor", ""),
                origin=Origin(origin),
                action=action,
                reason=text.get("reason", ""),
                undoes=undoes,
                kind=change["kind"],
                entity_id=change["id"],
                about=ABOUT[change["kind"]],
                field=name,
                label=label,
                before=_read(actor, catalogue, name, was),
                after=_read(actor, catalogue, name, became),
            )


def _about(change: dict[str, Any], patient_id: int) -> bool:
    """Whether a change is this patient's: a deed that merges two tells of both."""
    if change["kind"] == "patient":
        return bool(change["id"] == patient_id)
    named = {**change["before"], **change["after"]}.get("patient_id", patient_id)
    return bool(named == patient_id)


def _read(actor: Actor, catalogue: Catalogue, name: str, value: Any) -> Any:
    """*value* as a reader understands it and may see it."""
    if value in {None, ""}:
        return None
    if name in HIDING and not actor.may(ALERTS):
        return HIDDEN
    if name == "preferred_provider_id":
        provider = catalogue.providers.get(value)
        return provider.name if provider else str(value)
    if name == "user_id":
        user = catalogue.users.get(value)
        return user.display_name if user else str(value)
    return value
