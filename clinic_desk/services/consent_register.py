"""The register of consents: those that were asked for here, and those that others asked of us."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from clinic_desk.rules.errors import Invalid, NotFound
from clinic_desk.rules.words import N_
from clinic_desk.services import patient_access
from clinic_desk.services.actor import Actor
from clinic_desk.services.booking import full_name
from clinic_desk.services.consent_cards import Channel, ConsentCard, ConsentPage, Share, Side, State
from clinic_desk.services.consent_rows import MOST_TRIES, NOBODY
from clinic_desk.services.diary_view import instant
from clinic_desk.services.work import query

SEE = "Consent Get Consented"

MOST_ON_A_PAGE = 200
NO_PAGE = N_("There is no such page.")


@query(SEE)
def consents(
    actor: Actor,
    *,
    states: Collection[State] = (),
    side: Side | None = None,
    patient_id: int | None = None,
    page: int = 1,
    page_size: int = 50,
) -> ConsentPage:
    """The consents of both sides, the newest first, filtered by states (none: all), side and
    patient of this organisation; two queries. Of patients whom *actor* may not see, none.
    """
    if page < 1 or not 1 <= page_size <= MOST_ON_A_PAGE:
        raise Invalid("page", NO_PAGE)
    condition, values = _visible(actor)
    if side is not None:
        condition += f" AND c.organisation_id {'=' if side is Side.ASKS else '<>'} ?"
        values.append(actor.organisation_id)
    if patient_id is not None:
        condition += f" AND {_OURS} = ?"
        values += [actor.organisation_id, patient_id]
    source = _source(actor, condition)
    counted = actor.store.rows(
        f"SELECT now_state, COUNT(*) FROM ({source}) AS x GROUP BY now_state",  # noqa: S608
        values,
    )
    counts = dict.fromkeys(State, 0) | {State(name): int(number) for name, number in counted}
    chosen = [str(state) for state in State if not states or state in states]
    marks = ", ".join("?" * len(chosen))
    found = actor.store.rows(
        f"SELECT * FROM ({source}) AS x WHERE now_state IN ({marks})"  # noqa: S608
        " ORDER BY id DESC LIMIT ? OFFSET ?",
        (*values, *chosen, page_size, (page - 1) * page_size),
    )
    return ConsentPage(
        items=tuple(_card(actor, row) for row in found),
        total=sum(counts[State(name)] for name in chosen),
        counts=counts,
    )


@query(SEE)
def consent(actor: Actor, consent_id: int) -> ConsentCard:
    """One consent of either side. Raises ``NotFound``."""
    condition, values = _visible(actor)
    source = _source(actor, condition + " AND c.id = ?")
    found = actor.store.rows(source, (*values, consent_id))
    if not found:
        raise NotFound
    return _card(actor, found[0])


_KEPT = (
    "COALESCE((SELECT m.merged_into_id FROM patient m WHERE m.id = c.source_patient_id),"
    " c.source_patient_id)"
)
"""The record that is kept, or the one into which it was merged."""

_OURS = f"CASE WHEN c.organisation_id = ? THEN c.patient_id ELSE {_KEPT} END"
"""The patient of the organisation that looks."""

_COLUMNS = (
    "id",
    "version",
    "organisation_id",
    "channel",
    "purpose",
    "fields",
    "patient_id",
    "source_patient_id",
    "reason",
    "asked_at",
    "expires_at",
    "verified_at",
    "agreed_at",
    "until_at",
    "withdrawn_at",
)


def _visible(actor: Actor) -> tuple[str, list[Any]]:
    """True for what this organisation asked for, and what others asked of its patients.

    A question about nobody's data leans on some patient of whoever asked: it is none of ours.
    """
    seen_kept, kept_values = patient_access.seen(actor, _KEPT)
    seen_made, made_values = patient_access.seen(actor, "c.patient_id")
    condition = (
        f"((c.organisation_id = ? AND (c.patient_id IS NULL OR {seen_made}))"
        " OR (c.source_organisation_id = ? AND c.organisation_id <> ?"
        f" AND c.code_hash NOT LIKE ? AND {seen_kept}))"
    )
    mine = actor.organisation_id
    return condition, [mine, *made_values, mine, mine, f"%|{NOBODY}", *kept_values]


def _source(actor: Actor, condition: str) -> str:
    """SQL of all that a card is made from, with the state as it is now."""
    now = "unixepoch()" if actor.store.dialect == "sqlite" else "now()"
    state = (
        f"CASE WHEN c.state = 'asked' AND c.tries >= {MOST_TRIES} THEN 'locked'"
        f" WHEN c.state IN ('asked', 'verified') AND c.expires_at <= {now} THEN 'expired'"
        f" WHEN c.state = 'agreed' AND c.until_at <= {now} THEN 'expired' ELSE c.state END"
    )
    columns = ", ".join(f"c.{name}" for name in _COLUMNS)
    return (
        f"SELECT {columns}, {state} AS now_state, o.name AS asking, k.name AS keeping,"  # noqa: S608
        " p.first_name, p.last_name, u.display_name"
        " FROM consent c JOIN organisation o ON o.id = c.organisation_id"
        " JOIN organisation k ON k.id = c.source_organisation_id"
        f" JOIN patient p ON p.id = {_KEPT}"
        f" LEFT JOIN user_account u ON u.id = c.asked_by WHERE {condition}"
    )


def _card(actor: Actor, values: tuple[Any, ...]) -> ConsentCard:
    v = dict(zip(_COLUMNS, values, strict=False))
    state, asking, keeping, first, last, who = values[len(_COLUMNS) :]
    asks = v["organisation_id"] == actor.organisation_id
    known = not asks or v["verified_at"] is not None
    groups = json.loads(v["fields"])

    def at(name: str) -> Any:
        return None if v[name] is None else instant(v[name])

    return ConsentCard(
        id=v["id"],
        version=v["version"],
        side=Side.ASKS if asks else Side.KEEPS,
        state=State(state),
        channel=Channel(v["channel"]),
        purpose=v["purpose"],
        shares=tuple(share for share in Share if share in groups),
        other=(keeping if asks else asking) if known else "",
        person=full_name(first, last) if known else "",
        patient_id=v["patient_id"] if asks else v["source_patient_id"],
        # Whose words they are could tell who keeps the record.
        reason=v["reason"] if known else "",
        asked_by=(who or "") if asks else "",
        asked_at=instant(v["asked_at"]),
        expires_at=instant(v["expires_at"]),
        verified_at=at("verified_at"),
        agreed_at=at("agreed_at"),
        until_at=at("until_at"),
        withdrawn_at=at("withdrawn_at"),
    )
