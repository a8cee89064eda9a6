"""Changes: what happened to appointments and patients since a program last asked."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from clinic_desk.services.changes import MOST, Follower, Position
from clinic_desk.web import problems, times
from clinic_desk.web.endpoint import Endpoint
from clinic_desk.web.security import Asking, needs

routes = APIRouter(tags=["Changes"], route_class=Endpoint)

BEGINNING = "beginning"
_LOST: dict[int | str, dict[str, Any]] = {
    410: {
        "description": "The cursor is of another organisation, or of before a restore.",
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}


class Change(BaseModel):
    """A record changed. ``version`` is the one that it had then; null where it is not there any
    more.
    """

    cursor: str
    occurred_at: str
    kind: str
    uuid: str
    version: int | None
    origin: str


class Changes(BaseModel):
    """Changes, the oldest first. Ask again with ``next_cursor``: at once where ``has_more``, be
    the list empty or not.
    """

    items: list[Change]
    next_cursor: str
    has_more: bool


@routes.get(
    "/changes",
    responses=_LOST,
    openapi_extra=needs(one_of=("Appointment Show", "Customer Show")),
)
def changes(
    caller: Asking,
    since: Annotated[
        str | None,
        Query(
            max_length=200,
            description="A cursor from an answer of this call; “beginning” for all that ever"
            " happened; without it nothing is told but the cursor of now.",
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> Changes:
    """What happened to the appointments and patients that the token may read, each record once
    for every act that touched it. What stands in a record is told by its own call.
    """
    follower = Follower(caller.actor)
    if since is None:
        return Changes(items=[], next_cursor=follower.written(follower.now), has_more=False)
    after = Position() if since == BEGINNING else follower.position(since)
    page = follower.page(after, limit)
    items = [
        Change(
            cursor=follower.written(change.position),
            occurred_at=times.utc(change.at),
            kind=change.event,
            uuid=change.uuid,
            version=change.version,
            origin=change.origin,
        )
        for change in page.items
    ]
    return Changes(items=items, next_cursor=follower.written(page.position), has_more=page.more)
