"""Pages of a list: by their number as the document says, or from one to the next by a link."""

from __future__ import annotations

import functools
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Query, Request, Response
from starlette.datastructures import QueryParams

from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_
from clinic_desk.services.page_cursors import LONGEST, Cursors, Mark
from clinic_desk.web import times
from clinic_desk.web.problems import Checks
from clinic_desk.web.security import Caller

MOST_ITEMS = 100
"""The longest page."""

LAST_PAGE = 20_000
"""A million records in pages of the usual length. By its number the last page of 200,000 patients
takes as long as the first, and of a million visits a quarter of a second, most of it for their
total; by a link each page takes a millisecond.
"""

PageNumber = Annotated[int, Query(ge=1, le=LAST_PAGE, description="Pages count from 1.")]
PageSize = Annotated[int, Query(ge=1, le=MOST_ITEMS)]
After = Annotated[
    str | None,
    Query(
        max_length=LONGEST,
        description="Where the page begins, as the link to it says, instead of its number. Such a"
        " page takes the same time however far it is, and nothing that is written down meanwhile"
        " repeats or hides another record; `page` counts on, and `total` is that of the first.",
    ),
]

LINKED: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "Link": {
                "description": 'Where there are more: the next page, as `rel="next"`'
                " (RFC 8288), to be resolved against the address of this one.",
                "schema": {"type": "string"},
            }
        }
    }
}

EITHER = N_("A page is asked for by its number or by “after”, not by both.")


def period(
    checks: Checks, begin: str | None, end: str | None, zone: ZoneInfo
) -> tuple[datetime | None, datetime | None]:
    """From when to when (UTC) a list is asked for; its days and times without an offset are
    those of *zone*. *checks* is told what is wrong with them.
    """
    last = functools.partial(times.edge, last=True)
    first = checks.of("from", times.edge, begin, zone, "from") if begin else None
    until = checks.of("to", last, end, zone, "to") if end else None
    if first and until and until <= first:
        checks.wrong(Invalid("to", times.PERIOD))
    return first, until


class Walk:
    """The way through a list: which page a request asks for, and the link to the next one.

    Raises ``Invalid`` for a cursor of another list, question or organisation.
    """

    def __init__(self, caller: Caller, request: Request, page: int, after: str | None) -> None:
        self._request = request
        asked = sorted(
            (name, value)
            for name, value in request.query_params.multi_items()
            if name not in {"page", "page_size", "after"}
        )
        path = request.url.path.rsplit("/", 1)[-1]
        self._cursors = Cursors(caller.actor, f"{path}?{QueryParams(asked)}")
        if after is not None and page != 1:
            raise Invalid("page", EITHER)
        self.after = None if after is None else self._cursors.read("after", after)

    def link(self, response: Response, end: Mark | None) -> None:
        """Name the page behind *end*, where there is one."""
        if end is None:
            return
        kept = [
            (name, value)
            for name, value in self._request.query_params.multi_items()
            if name not in {"page", "after"}
        ]
        asked = QueryParams([*kept, ("after", self._cursors.written(end))])
        response.headers["Link"] = f'<{self._request.url.path}?{asked}>; rel="next"'
