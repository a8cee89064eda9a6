"""Rows: whatever takes time."""

from __future__ import annotations

import peewee as pw

from clinic_desk.models.base import Row, UtcDateTimeField


class Case(Row):
    """What a patient comes for; appointments belong to one."""

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    patient_id = pw.BigIntegerField()
    main_problem = pw.TextField()
    type_id = pw.BigIntegerField(null=True)
    requests_allowed = pw.BooleanField(default=True)
    open = pw.BooleanField(default=True)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "patient_case"
        indexes = ((("organisation_id", "id"), True), (("patient_id",), False))


class CaseType(Row):
    """A type that may be booked for a case; one without any allows all."""

    organisation_id = pw.BigIntegerField()
    case_id = pw.BigIntegerField()
    type_id = pw.BigIntegerField()

    class Meta:
        table_name = "case_type"
        indexes = ((("organisation_id", "case_id", "type_id"), True),)


class Series(Row):
    """The rule by which a row of appointments or events was made."""

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    rule = pw.TextField()
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "series"
        indexes = ((("organisation_id", "id"), True),)


class Appointment(Row):
    """A visit, a request for one, or what has become of it.

    The buffers are the type's at the time of booking and lie around the visit. ``wall_starts``
    is the local time agreed with the patient in ``time_zone``, ``YYYY-MM-DDTHH:MM``.
    """

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    location_id = pw.BigIntegerField(null=True)
    provider_id = pw.BigIntegerField()
    operatory_id = pw.BigIntegerField(null=True)
    patient_id = pw.BigIntegerField()
    case_id = pw.BigIntegerField()
    type_id = pw.BigIntegerField()
    service_code_id = pw.BigIntegerField(null=True)
    modifier_id = pw.BigIntegerField(null=True)
    visit_id = pw.TextField(null=True)
    series_id = pw.BigIntegerField(null=True)
    starts_at = UtcDateTimeField()
    ends_at = UtcDateTimeField()
    before_minutes = pw.IntegerField(default=0)
    after_minutes = pw.IntegerField(default=0)
    time_zone = pw.TextField()
    wall_starts = pw.TextField()
    status = pw.TextField()
    permit_id = pw.BigIntegerField(null=True)
    notes = pw.TextField(default="")
    reason = pw.TextField(default="")
    cancelled_by = pw.TextField(default="")
    origin = pw.TextField(default="desk")
    booked_at = UtcDateTimeField()
    confirmed_at = UtcDateTimeField(null=True)
    arrived_at = UtcDateTimeField(null=True)
    in_room_at = UtcDateTimeField(null=True)
    completed_at = UtcDateTimeField(null=True)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "appointment"
        indexes = (
            (("organisation_id", "starts_at"), False),
            (("provider_id", "starts_at"), False),
            (("patient_id", "starts_at"), False),
        )


for _name, _columns, _where in (
    (
        "appointment_requested",
        (Appointment.organisation_id, Appointment.starts_at),
        Appointment.status == "requested",
    ),
    ("appointment_permit", (Appointment.permit_id,), Appointment.permit_id.is_null(False)),
    (
        "appointment_series",
        (Appointment.series_id, Appointment.starts_at),
        Appointment.series_id.is_null(False),
    ),
    ("appointment_visit", (Appointment.visit_id,), Appointment.visit_id.is_null(False)),
):
    Appointment.add_index(Appointment.index(*_columns, where=_where, name=_name))


class AppointmentExtra(Row):
    """A further provider or room for a part of a visit, in minutes from its start."""

    organisation_id = pw.BigIntegerField()
    appointment_id = pw.BigIntegerField()
    resource_id = pw.BigIntegerField()
    from_minute = pw.IntegerField()
    to_minute = pw.IntegerField()

    class Meta:
        table_name = "appointment_extra"
        indexes = ((("appointment_id",), False),)


class Payment(Row):
    """What is asked for a visit, in the smallest unit of the currency, and whether it came."""

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    appointment_id = pw.BigIntegerField(unique=True)
    state = pw.TextField(default="due")
    amount_minor = pw.BigIntegerField()
    currency = pw.TextField()
    method = pw.TextField(default="")
    note = pw.TextField(default="")
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "payment"


class CalendarEvent(Row):
    """A meeting, a repair: it takes the time of a provider or an operatory as a visit does."""

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    resource_id = pw.BigIntegerField()
    location_id = pw.BigIntegerField(null=True)
    series_id = pw.BigIntegerField(null=True)
    starts_at = UtcDateTimeField()
    ends_at = UtcDateTimeField()
    time_zone = pw.TextField()
    title = pw.TextField()
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "calendar_event"
        indexes = (
            (("organisation_id", "starts_at"), False),
            (("resource_id", "starts_at"), False),
        )


class Hold(Row):
    """A slot that an open dialog keeps for a minute."""

    organisation_id = pw.BigIntegerField()
    desk = pw.TextField()
    resource_id = pw.BigIntegerField()
    starts_at = UtcDateTimeField()
    ends_at = UtcDateTimeField()
    expires_at = UtcDateTimeField()

    class Meta:
        table_name = "hold"
        indexes = ((("organisation_id", "expires_at"), False),)
