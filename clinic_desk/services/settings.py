"""What a user (or the whole organisation) has chosen, as JSON values by name.

View state that belongs to the person and not to the desk stands here, such as the pinboard.
It goes through the door like everything else: it is then in the history, and two desks of
one user cannot overwrite each other unseen.
"""

from __future__ import annotations

import json
from typing import Any

from clinic_desk.models.people import Setting
from clinic_desk.rules.errors import NotAllowed
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, command, query

SHARING = "Setting Update"


@query("Appointment Get All")
def get(actor: Actor, name: str, default: Any = None, *, shared: bool = False) -> Any:
    """The user's own value (with *shared* the organisation's), or *default*."""
    statement = _statement(actor.organisation_id, None if shared else actor.user_id, name)
    found = actor.store.rows(statement.sql, statement.parameters)
    return json.loads(r.row(Setting, found[0]).value) if found else default


@command("Appointment Get All", action="setting.put")
def put(work: Work, name: str, value: Any, *, request_id: str | None = None) -> Any:
    """Keep *value* (anything that JSON holds) for the signed-in user.

    Raises ``NotAllowed`` for a program without a user: its value would be everybody's.
    """
    if work.actor.user_id is None:
        raise NotAllowed(SHARING)
    _put(work, work.actor.user_id, name, value)
    return value


@command(SHARING, action="setting.share")
def share(work: Work, name: str, value: Any, *, request_id: str | None = None) -> Any:
    """Keep *value* for everybody of the organisation."""
    _put(work, None, name, value)
    return value


def _put(work: Work, user_id: int | None, name: str, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    (found,) = work.lock(_statement(work.organisation_id, user_id, name))
    if found:
        work.change(r.row(Setting, found[0]), value=text)
    else:
        work.create(Setting, user_id=user_id, name=name, value=text)


def _statement(organisation_id: int, user_id: int | None, name: str) -> Statement:
    return Statement(
        f"{r.selecting(Setting)} WHERE organisation_id = ? AND COALESCE(user_id, 0) = ?"
        " AND name = ?",
        (organisation_id, user_id or 0, name),
    )
