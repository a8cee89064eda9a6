"""Rows: whose time is taken. Written by the database's own triggers, read by everybody."""

from __future__ import annotations

import peewee as pw

from clinic_desk.models.base import UtcDateTimeField, database


class _Claimed(pw.Model):
    """Time of one resource that one source takes; ``permit_id`` marks it as shared.

    ``source`` is ``a`` for an appointment, ``x`` for one of its extras, ``e`` for a calendar
    event, ``h`` for a hold. Buffers are inside the claim.
    """

    resource_id = pw.BigIntegerField()
    starts_at = UtcDateTimeField()
    ends_at = UtcDateTimeField()
    source = pw.TextField()
    source_id = pw.BigIntegerField()
    permit_id = pw.BigIntegerField(null=True)

    class Meta:
        database = database
        legacy_table_names = False


class Claim(_Claimed):
    """A claim as it stands."""

    class Meta:
        table_name = "claim"
        primary_key = pw.CompositeKey("resource_id", "starts_at", "source", "source_id")


class ClaimDue(_Claimed):
    """A claim as it must stand by its source: the view from which claims are derived."""

    class Meta:
        table_name = "claim_due"
        primary_key = False
