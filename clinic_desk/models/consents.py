"""Rows: what a patient of one organisation lets another one know."""

from __future__ import annotations

import peewee as pw

from clinic_desk.models.base import Row, UtcDateTimeField


class Consent(Row):
    """An organisation asks for the records of another one's patient.

    ``organisation_id`` is who asks, the source is whose patient it is; ``patient_id`` is the
    registration that was made from it. ``fields`` is a JSON list of what may be read,
    ``code_hash`` never the code itself.
    """

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    source_organisation_id = pw.BigIntegerField()
    source_patient_id = pw.BigIntegerField()
    patient_id = pw.BigIntegerField(null=True)
    purpose = pw.TextField()
    state = pw.TextField(default="asked")
    channel = pw.TextField()
    code_hash = pw.TextField(default="")
    tries = pw.IntegerField(default=0)
    fields = pw.TextField(default="[]")
    document_id = pw.BigIntegerField(null=True)
    reason = pw.TextField(default="")
    asked_by = pw.BigIntegerField()
    asked_at = UtcDateTimeField()
    expires_at = UtcDateTimeField()
    verified_at = UtcDateTimeField(null=True)
    agreed_at = UtcDateTimeField(null=True)
    until_at = UtcDateTimeField(null=True)
    withdrawn_at = UtcDateTimeField(null=True)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "consent"
        indexes = (
            (("organisation_id", "asked_at"), False),
            (("source_organisation_id", "source_patient_id"), False),
        )


Consent.add_index(
    Consent.index(
        Consent.patient_id, where=Consent.patient_id.is_null(False), name="consent_patient"
    )
)
