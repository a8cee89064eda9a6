"""Rows: what an organisation offers, where, when and by whom. Read often, changed seldom."""

from __future__ import annotations

import peewee as pw

from clinic_desk.models.base import DayField, Row, UtcDateTimeField


class Location(Row):
    """A house of the organisation."""

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    name = pw.TextField()
    address = pw.TextField(default="")
    time_zone = pw.TextField()
    phone = pw.TextField(default="")
    default_operatory_id = pw.BigIntegerField(null=True)
    active = pw.BooleanField(default=True)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "location"
        indexes = ((("organisation_id", "id"), True),)


class ClinicHours(Row):
    """A location is open on this weekday (0 is Monday) between these minutes of its wall day."""

    organisation_id = pw.BigIntegerField()
    location_id = pw.BigIntegerField()
    weekday = pw.IntegerField()
    starts_minute = pw.IntegerField()
    ends_minute = pw.IntegerField()
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "clinic_hours"
        indexes = ((("organisation_id", "location_id"), False),)


class ClosedDay(Row):
    """A location is shut on this day, whatever its hours say."""

    organisation_id = pw.BigIntegerField()
    location_id = pw.BigIntegerField()
    day = DayField()
    name = pw.TextField(default="")
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "closed_day"
        indexes = ((("organisation_id", "location_id", "day"), True),)


class Operatory(Row):
    """A room or chair; ``id`` is the number of the resource."""

    id = pw.BigIntegerField(primary_key=True)
    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    location_id = pw.BigIntegerField()
    name = pw.TextField()
    position = pw.IntegerField(default=0)
    active = pw.BooleanField(default=True)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "operatory"
        indexes = ((("organisation_id", "id"), True),)


class Qualification(Row):
    """What somebody has learned and a type may ask for."""

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    name = pw.TextField()
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "qualification"
        indexes = ((("organisation_id", "id"), True),)


class ProviderQualification(Row):
    """A provider has a qualification."""

    organisation_id = pw.BigIntegerField()
    provider_id = pw.BigIntegerField()
    qualification_id = pw.BigIntegerField()

    class Meta:
        table_name = "provider_qualification"
        indexes = ((("organisation_id", "provider_id", "qualification_id"), True),)


class TypeQualification(Row):
    """One of the qualifications that allow to give a type; a type without any asks for none."""

    organisation_id = pw.BigIntegerField()
    type_id = pw.BigIntegerField()
    qualification_id = pw.BigIntegerField()

    class Meta:
        table_name = "type_qualification"
        indexes = ((("organisation_id", "type_id", "qualification_id"), True),)


class AppointmentType(Row):
    """What is booked: its length, its buffers, its colour."""

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    code = pw.TextField(default="")
    name = pw.TextField()
    minutes = pw.IntegerField()
    before_minutes = pw.IntegerField(default=0)
    after_minutes = pw.IntegerField(default=0)
    colour = pw.TextField(default="#4a6fa5")
    requires_exam = pw.BooleanField(default=False)
    service_code_id = pw.BigIntegerField(null=True)
    active = pw.BooleanField(default=True)
    position = pw.IntegerField(default=0)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "appointment_type"
        indexes = ((("organisation_id", "id"), True),)


class ServiceCode(Row):
    """What a visit is charged as, by the code of whoever pays."""

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    code = pw.TextField()
    name = pw.TextField()
    active = pw.BooleanField(default=True)
    position = pw.IntegerField(default=0)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "service_code"
        indexes = ((("organisation_id", "id"), True), (("organisation_id", "code"), True))


class ServiceModifier(Row):
    """How a visit differs from what its code says."""

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    code = pw.TextField()
    name = pw.TextField()
    active = pw.BooleanField(default=True)
    position = pw.IntegerField(default=0)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "service_modifier"
        indexes = ((("organisation_id", "id"), True), (("organisation_id", "code"), True))


class ProviderWeekday(Row):
    """Where a provider usually works on this weekday (0 is Monday)."""

    organisation_id = pw.BigIntegerField()
    provider_id = pw.BigIntegerField()
    weekday = pw.IntegerField()
    location_id = pw.BigIntegerField()
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "provider_weekday"
        indexes = ((("organisation_id", "provider_id", "weekday"), True),)


class WorkHours(Row):
    """A provider works here on this weekday between these minutes of the wall day, in every
    week or in every second one: the odd or even ones, counted from 2026 (see rules).
    """

    organisation_id = pw.BigIntegerField()
    provider_id = pw.BigIntegerField()
    location_id = pw.BigIntegerField()
    weekday = pw.IntegerField()
    starts_minute = pw.IntegerField()
    ends_minute = pw.IntegerField()
    weeks = pw.TextField(default="every")
    operatory_id = pw.BigIntegerField(null=True)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "work_hours"
        indexes = ((("organisation_id", "provider_id"), False),)


class WorkException(Row):
    """The only hours of a provider on this day; without minutes, absent all day."""

    organisation_id = pw.BigIntegerField()
    provider_id = pw.BigIntegerField()
    location_id = pw.BigIntegerField(null=True)
    day = DayField()
    starts_minute = pw.IntegerField(null=True)
    ends_minute = pw.IntegerField(null=True)
    reason = pw.TextField(default="")
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "work_exception"
        indexes = ((("organisation_id", "provider_id", "day"), False),)


class Permit(Row):
    """Somebody allowed a deliberate overbooking, and why. Never changed."""

    organisation_id = pw.BigIntegerField()
    user_id = pw.BigIntegerField()
    reason = pw.TextField()
    granted_at = UtcDateTimeField()

    class Meta:
        table_name = "permit"
        indexes = ((("organisation_id", "id"), True),)
