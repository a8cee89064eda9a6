"""Rows: the history, and what waits to be sent. The database refuses to change the history."""

from __future__ import annotations

import peewee as pw

from clinic_desk.models.base import Row, UtcDateTimeField, database


class Deed(pw.Model):
    """Who did what when, numbered per organisation and tied to the deed before.

    ``catalogue_seq`` is the last deed that changed the catalogue, ``undoes`` the number of the
    deed that this one takes back.
    """

    organisation_id = pw.BigIntegerField()
    seq = pw.BigIntegerField()
    request_id = pw.TextField()
    actor_id = pw.BigIntegerField(null=True)
    origin = pw.TextField()
    action = pw.TextField()
    at = UtcDateTimeField()
    schema_version = pw.IntegerField()
    catalogue_seq = pw.BigIntegerField(default=0)
    batch_id = pw.TextField(null=True)
    undoes = pw.BigIntegerField(null=True)
    fingerprint = pw.TextField(default="")
    digest = pw.TextField()
    chain = pw.TextField()

    class Meta:
        database = database
        legacy_table_names = False
        table_name = "deed"
        primary_key = pw.CompositeKey("organisation_id", "seq")


Deed.add_index(
    Deed.index(
        Deed.organisation_id,
        pw.fn.COALESCE(Deed.actor_id, 0),
        Deed.request_id,
        unique=True,
        name="deed_request",
    )
)


class DeedText(pw.Model):
    """What a deed changed, as JSON, with the salt of its digest; both can only be emptied."""

    organisation_id = pw.BigIntegerField()
    seq = pw.BigIntegerField()
    salt = pw.TextField()
    body = pw.TextField()

    class Meta:
        database = database
        legacy_table_names = False
        table_name = "deed_text"
        primary_key = pw.CompositeKey("organisation_id", "seq")


class DeedEntity(pw.Model):
    """A deed touched this record; ``kind`` is the name of its table, ``version`` the one that
    the record had then (null where it has none, was taken away, or the deed is an older one).
    """

    organisation_id = pw.BigIntegerField()
    seq = pw.BigIntegerField()
    kind = pw.TextField()
    entity_id = pw.BigIntegerField()
    version = pw.IntegerField(null=True)

    class Meta:
        database = database
        legacy_table_names = False
        table_name = "deed_entity"
        primary_key = pw.CompositeKey("organisation_id", "seq", "kind", "entity_id")
        indexes = ((("kind", "entity_id", "seq"), False),)


class Outbox(Row):
    """A message that waits for its time, or what became of it; ``body`` is JSON.

    Whoever sends it says until when with ``lease_until``; after that somebody else may try.
    ``sequence`` counts what is sent about one appointment, as calendars ask for.
    """

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    seq = pw.BigIntegerField()
    patient_id = pw.BigIntegerField(null=True)
    appointment_id = pw.BigIntegerField(null=True)
    sequence = pw.IntegerField(default=0)
    kind = pw.TextField()
    language = pw.TextField(default="")
    recipient = pw.TextField()
    body = pw.TextField()
    created_at = UtcDateTimeField(null=True)
    due_at = UtcDateTimeField()
    state = pw.TextField(default="waiting")
    lease_until = UtcDateTimeField(null=True)
    sent_at = UtcDateTimeField(null=True)
    attempts = pw.IntegerField(default=0)
    last_error = pw.TextField(default="")
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "outbox"
        indexes = (
            (("organisation_id", "seq"), False),
            (("organisation_id", "state", "id"), False),
        )


for _name, _column, _where in (
    ("outbox_due", Outbox.due_at, Outbox.state == "waiting"),
    ("outbox_lease", Outbox.lease_until, Outbox.state == "sending"),
    ("outbox_patient", Outbox.patient_id, Outbox.patient_id.is_null(False)),
    ("outbox_appointment", Outbox.appointment_id, Outbox.appointment_id.is_null(False)),
):
    Outbox.add_index(Outbox.index(_column, where=_where, name=_name))


class MessageTemplate(Row):
    """The organisation's own words for a kind of message in a language."""

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    kind = pw.TextField()
    language = pw.TextField()
    subject = pw.TextField(default="")
    body = pw.TextField(default="")
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "message_template"
        indexes = ((("organisation_id", "kind", "language"), True),)
