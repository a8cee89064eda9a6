"""Rows: questions that are asked before a visit, and the answers."""

from __future__ import annotations

import peewee as pw

from clinic_desk.models.base import Row, UtcDateTimeField


class FormCategory(Row):
    """A heading under which forms stand. ``shared`` puts it into everybody's list; else only
    ``owner_id``, who made it, and whoever sees the master list find it. ``colour`` is
    ``#rrggbb`` or empty.
    """

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    name = pw.TextField()
    colour = pw.TextField(default="")
    owner_id = pw.BigIntegerField(null=True)
    shared = pw.BooleanField(default=True)
    active = pw.BooleanField(default=True)
    position = pw.IntegerField(default=0)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "form_category"
        indexes = ((("organisation_id", "id"), True),)


class Form(Row):
    """Questions for whoever asks for a visit (``triage``) or grants it (``approval``);
    ``fields`` is a JSON list. Without ``category_id`` it stands under "No category".
    """

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    kind = pw.TextField()
    name = pw.TextField()
    fields = pw.TextField(default="[]")
    active = pw.BooleanField(default=True)
    category_id = pw.BigIntegerField(null=True)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "form"
        indexes = ((("organisation_id", "id"), True),)


class FormType(Row):
    """A form is asked for this type of visit."""

    organisation_id = pw.BigIntegerField()
    form_id = pw.BigIntegerField()
    type_id = pw.BigIntegerField()

    class Meta:
        table_name = "form_type"
        indexes = ((("organisation_id", "form_id", "type_id"), True),)


class FormAnswer(Row):
    """What was answered for a visit, as a JSON object."""

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    form_id = pw.BigIntegerField()
    appointment_id = pw.BigIntegerField()
    answers = pw.TextField(default="{}")
    answered_by = pw.BigIntegerField(null=True)
    answered_at = UtcDateTimeField()
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "form_answer"
        indexes = ((("appointment_id", "form_id"), True),)
