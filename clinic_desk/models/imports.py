"""Rows: which files of patients were taken over."""

from __future__ import annotations

import peewee as pw

from clinic_desk.models.base import Row, UtcDateTimeField


class PatientImport(Row):
    """Somebody took over the patients of a file; the numbers are rows of it by what became of
    them, all 0 until ``ended_at``. ``result_place`` is where, on the computer that did it, the
    result of each row was written.
    """

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    user_id = pw.BigIntegerField(null=True)
    file_name = pw.TextField()
    result_place = pw.TextField(default="")
    began_at = UtcDateTimeField()
    ended_at = UtcDateTimeField(null=True)
    created = pw.IntegerField(default=0)
    duplicates = pw.IntegerField(default=0)
    consents = pw.IntegerField(default=0)
    errors = pw.IntegerField(default=0)
    not_done = pw.IntegerField(default=0)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "patient_import"
        indexes = ((("organisation_id", "began_at"), False),)
