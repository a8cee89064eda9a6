"""Requests that go by what is known of a record (RFC 9110, 13): If-Match and If-None-Match.

The tag of a record is its version in quotation marks. It names these very words of an answer:
a weak tag (``W/"3"``) is never as good for a change, and good enough for not sending it again.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header

TAG = r'(?:W/)?"[\x21\x23-\x7E\x80-\xFF]*"'
PATTERN = rf"^(\*|[0-9]{{1,9}}|{TAG}([ \t]*,[ \t]*{TAG})*)$"
"""A number without quotation marks is no tag, but was taken for one in the first version."""

_TAGS = re.compile(TAG)
_VERSION = re.compile(r'"?([0-9]{1,9})"?', re.ASCII)

Match = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=1000,
        pattern=PATTERN,
        description="The ETag that you read, or a list of them.",
        examples=['"3"'],
    ),
]

Known = Annotated[
    str | None,
    Header(
        alias="If-None-Match", max_length=1000, description="The ETag of what you have already."
    ),
]


def tag(version: int) -> str:
    """The tag of a record as it stands in this version."""
    return f'"{version}"'


def versions(given: str) -> set[int] | None:
    """The versions that If-Match lets be changed: those of its strong tags; None for any."""
    if given.strip() == "*":
        return None
    tags = [given] if given.isdigit() else _TAGS.findall(given)
    found = (_VERSION.fullmatch(each) for each in tags)
    return {int(match[1]) for match in found if match}


def is_known(given: str | None, etag: str) -> bool:
    """Whether If-None-Match says that the answer with this *etag* is there already."""
    if given is None:
        return False
    told = {each.removeprefix("W/") for each in _TAGS.findall(given)}
    return given.strip() == "*" or etag in told
