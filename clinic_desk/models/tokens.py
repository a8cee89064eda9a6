"""Rows: the tokens by which other programs are known, and the secret addresses of calendars."""

from __future__ import annotations

import peewee as pw

from clinic_desk.models.base import Row, UtcDateTimeField


class ApiToken(Row):
    """A program that may act for the organisation, within its scopes (a JSON list) and, where
    it has a role, within what that role may do.

    Only the SHA-256 of its secret is kept. ``last_used_at`` is written past the door, at most
    once a minute, and says nothing of what was done: that stands in the history.
    """

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    name = pw.TextField()
    scopes = pw.TextField(default="[]")
    secret_hash = pw.TextField()
    role_id = pw.BigIntegerField(null=True)
    created_by = pw.BigIntegerField(null=True)
    created_at = UtcDateTimeField()
    last_used_at = UtcDateTimeField(null=True)
    revoked_at = UtcDateTimeField(null=True)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "api_token"
        indexes = ((("organisation_id", "created_at"), False),)


class CalendarAddress(Row):
    """A secret address at which a calendar program reads a provider's visits and events.

    Only the SHA-256 of the secret is kept. ``contents`` is how much is told: ``busy``,
    ``initials`` or ``names`` of the patients; ``language`` in which words. ``last_used_at`` is
    written past the door, at most once a minute.
    """

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    provider_id = pw.BigIntegerField()
    name = pw.TextField(default="")
    contents = pw.TextField(default="busy")
    language = pw.TextField(default="en")
    secret_hash = pw.TextField(unique=True)
    created_by = pw.BigIntegerField(null=True)
    created_at = UtcDateTimeField()
    last_used_at = UtcDateTimeField(null=True)
    revoked_at = UtcDateTimeField(null=True)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "calendar_address"
        indexes = ((("organisation_id", "provider_id"), False),)
