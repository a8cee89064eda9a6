"""Rows: what is written about patients and visits, and files that are kept with them."""

from __future__ import annotations

import peewee as pw

from clinic_desk.models.base import Row, UtcDateTimeField, database

MOST_OF_A_PART = 1024 * 1024
"""So many bytes the database lets into one part of a document."""


class PatientNote(Row):
    """Something to remember of a patient, or why a visit was cancelled."""

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    patient_id = pw.BigIntegerField()
    appointment_id = pw.BigIntegerField(null=True)
    kind = pw.TextField(default="note")
    text = pw.TextField()
    author_id = pw.BigIntegerField(null=True)
    written_at = UtcDateTimeField()
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "patient_note"
        indexes = ((("patient_id", "written_at"), False),)


class Document(Row):
    """A file of a patient; what it holds stands in its parts."""

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    patient_id = pw.BigIntegerField()
    appointment_id = pw.BigIntegerField(null=True)
    name = pw.TextField()
    media_type = pw.TextField()
    size = pw.BigIntegerField()
    sha256 = pw.TextField()
    author_id = pw.BigIntegerField(null=True)
    written_at = UtcDateTimeField()
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "document"
        indexes = ((("organisation_id", "id"), True), (("patient_id", "written_at"), False))


for _model, _name in (
    (PatientNote, "patient_note_appointment"),
    (Document, "document_appointment"),
):
    _model.add_index(
        _model.index(_model.appointment_id, where=_model.appointment_id.is_null(False), name=_name)
    )


class DocumentPart(pw.Model):
    """A piece of a document, counted from 0; an empty document has none."""

    organisation_id = pw.BigIntegerField()
    document_id = pw.BigIntegerField()
    part = pw.IntegerField()
    content = pw.BlobField()

    class Meta:
        database = database
        legacy_table_names = False
        table_name = "document_part"
        primary_key = pw.CompositeKey("document_id", "part")


class AppointmentMessage(Row):
    """What staff say to each other about a visit."""

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    appointment_id = pw.BigIntegerField()
    author_id = pw.BigIntegerField()
    text = pw.TextField()
    written_at = UtcDateTimeField()
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "appointment_message"
        indexes = ((("appointment_id", "written_at"), False),)


class Referral(Row):
    """Who sent the patient to a visit (``from``), or to whom it sends them on (``to``)."""

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    appointment_id = pw.BigIntegerField()
    direction = pw.TextField()
    name = pw.TextField()
    note = pw.TextField(default="")
    document_id = pw.BigIntegerField(null=True)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "referral"
        indexes = ((("appointment_id",), False),)
