"""Writing a deed down: its row, its text, what it touched, and the bell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clinic_desk.models import schema
from clinic_desk.models.journal import Deed
from clinic_desk.services import chain
from clinic_desk.services import rows as r
from clinic_desk.services.transaction import Statement

if TYPE_CHECKING:
    from clinic_desk.services.work import Work


def written(
    work: Work,
    head: chain.Head,
    changes: Sequence[chain.Change],
    touched: Sequence[tuple[str, int]],
    *,
    catalogue: bool,
) -> list[Statement]:
    """The statements that add the deed after *head*; one on PostgreSQL, three on SQLite.

    *touched* is kind and id of all in *changes*; *catalogue* says that the deed makes older
    catalogues stale.
    """
    seq = head.seq + 1
    body = chain.body_text(changes, reason=work.reason, actor_name=work.actor.name)
    salt = chain.new_salt()
    mark = chain.digest(salt, body)
    catalogue_seq = seq if catalogue else head.catalogue_seq
    who = work.actor.user_id
    linked = chain.link(
        head.chain,
        organisation_id=work.organisation_id,
        seq=seq,
        request_id=work.request_id,
        actor_id=who,
        origin=work.actor.origin,
        action=work.action,
        at=work.now,
        undoes=work.undoes,
        digest=mark,
    )
    deed = Statement(
        "INSERT INTO deed (organisation_id, seq, request_id, actor_id, origin, action, at,"
        " schema_version, catalogue_seq, undoes, fingerprint, digest, chain)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            work.organisation_id,
            seq,
            work.request_id,
            who,
            str(work.actor.origin),
            work.action,
            r.stored(Deed, "at", work.now),
            schema.VERSION,
            catalogue_seq,
            work.undoes,
            work.fingerprint,
            mark,
            linked,
        ),
    )
    text = Statement(
        "INSERT INTO deed_text (organisation_id, seq, salt, body) VALUES (?, ?, ?, ?)",
        (work.organisation_id, seq, salt, body),
    )
    out = [deed, text]
    if touched:
        marks = ", ".join(["(?, ?, ?, ?)"] * len(touched))
        values = [v for k, n in touched for v in (work.organisation_id, seq, k, n)]
        out.append(
            Statement(
                "INSERT INTO deed_entity (organisation_id, seq, kind, entity_id)"  # noqa: S608
                f" VALUES {marks}",
                values,
            )
        )
    if work.store.dialect == "sqlite":
        return out
    bell = Statement("SELECT pg_notify('clinic_desk', ?)", (f"{work.organisation_id}:{seq}",))
    return [_together([*out, bell])]


def _together(statements: Sequence[Statement]) -> Statement:
    """Several writes and a last SELECT as one statement of PostgreSQL: one message, not four."""
    *writes, last = statements
    parts = ", ".join(f"w{n} AS ({s.sql})" for n, s in enumerate(writes))
    values = [v for s in statements for v in s.parameters]
    return Statement(f"WITH {parts} {last.sql}", values)
