"""Rows: the organisation and all who belong to it."""

from __future__ import annotations

import peewee as pw

from clinic_desk.models.base import DayField, Row, UtcDateTimeField


class Organisation(Row):
    """A practice, and the wall between its records and everybody else's."""

    uuid = pw.TextField(unique=True)
    name = pw.TextField()
    time_zone = pw.TextField()
    country = pw.TextField()
    step_minutes = pw.IntegerField(default=15)
    overbooking = pw.BooleanField(default=True)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "organisation"


class Resource(Row):
    """Whatever has time that can be taken. Providers, operatories and patients take their
    numbers from here, so one rule serves them all; never changed.
    """

    organisation_id = pw.BigIntegerField()
    kind = pw.TextField()

    class Meta:
        table_name = "resource"
        indexes = ((("organisation_id", "id"), True),)


class Provider(Row):
    """Somebody who treats; ``id`` is the number of the resource."""

    id = pw.BigIntegerField(primary_key=True)
    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    title = pw.TextField(default="")
    first_name = pw.TextField(default="")
    last_name = pw.TextField()
    initials = pw.TextField(default="")
    email = pw.TextField(default="")
    colour = pw.TextField(default="#4a6fa5")
    default_location_id = pw.BigIntegerField(null=True)
    service_code_id = pw.BigIntegerField(null=True)
    position = pw.IntegerField(default=0)
    active = pw.BooleanField(default=True)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "provider"
        indexes = ((("organisation_id", "id"), True),)


class Patient(Row):
    """Somebody who is treated; ``id`` is the number of the resource. ``search`` is the folded
    key that patient search reads (see services).

    ``email_key``, ``phone_key`` and ``national_key`` are what the services make of the address,
    the number and ``national_id``, to find somebody by them exactly. Their indexes leave out
    the empty ones: a question has to say ``<> ''`` too, or SQLite reads the table through.
    """

    id = pw.BigIntegerField(primary_key=True)
    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    number = pw.TextField()
    first_name = pw.TextField(default="")
    last_name = pw.TextField()
    date_of_birth = DayField(null=True)
    gender = pw.TextField(default="")
    email = pw.TextField(default="")
    phone = pw.TextField(default="")
    language = pw.TextField(default="")
    alert = pw.TextField(default="")
    medical_alert = pw.TextField(default="")
    address = pw.TextField(default="")
    postcode = pw.TextField(default="")
    city = pw.TextField(default="")
    country = pw.TextField(default="")
    national_id = pw.TextField(default="")
    guardian_name = pw.TextField(default="")
    guardian_relation = pw.TextField(default="")
    guardian_email = pw.TextField(default="")
    guardian_phone = pw.TextField(default="")
    preferred_provider_id = pw.BigIntegerField(null=True)
    merged_into_id = pw.BigIntegerField(null=True)
    registered_at = UtcDateTimeField(null=True)
    search = pw.TextField(default="")
    email_key = pw.TextField(default="")
    phone_key = pw.TextField(default="")
    national_key = pw.TextField(default="")
    active = pw.BooleanField(default=True)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "patient"
        indexes = (
            (("organisation_id", "id"), True),
            (("organisation_id", "number"), True),
            (("organisation_id", "active", "search", "id"), False),
            (("organisation_id", "last_name", "first_name"), False),
        )


for _name, _column in (
    ("patient_email", Patient.email_key),
    ("patient_phone", Patient.phone_key),
    ("patient_national", Patient.national_key),
):
    Patient.add_index(
        Patient.index(_column, Patient.organisation_id, where=_column != "", name=_name)
    )
Patient.add_index(
    Patient.index(
        Patient.merged_into_id, where=Patient.merged_into_id.is_null(False), name="patient_merged"
    )
)


class Role(Row):
    """A named set of permissions (a JSON list of names)."""

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    name = pw.TextField()
    permissions = pw.TextField(default="[]")
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "role"
        indexes = ((("organisation_id", "id"), True), (("organisation_id", "name"), True))


class User(Row):
    """Somebody who signs in. ``name`` is what is typed, folded to lower case; ``approvals``
    says who decides requests (besides the role), ``must_change`` who has a password of others.
    ``wrong_tries`` since the last right one and ``wait_until_ms`` (milliseconds since 1970, by
    the database's clock) are written past the door.
    """

    uuid = pw.TextField(unique=True)
    organisation_id = pw.BigIntegerField()
    name = pw.TextField(unique=True)
    display_name = pw.TextField()
    password_hash = pw.TextField()
    role_id = pw.BigIntegerField()
    provider_id = pw.BigIntegerField(null=True)
    email = pw.TextField(default="")
    approvals = pw.BooleanField(default=False)
    must_change = pw.BooleanField(default=False)
    wrong_tries = pw.IntegerField(default=0)
    wait_until_ms = pw.BigIntegerField(default=0)
    language = pw.TextField(default="")
    active = pw.BooleanField(default=True)
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "user_account"
        indexes = ((("organisation_id", "id"), True),)


class UserLocation(Row):
    """A user sees this location; one without any sees all."""

    organisation_id = pw.BigIntegerField()
    user_id = pw.BigIntegerField()
    location_id = pw.BigIntegerField()

    class Meta:
        table_name = "user_location"
        indexes = ((("organisation_id", "user_id", "location_id"), True),)


class CareTeam(Row):
    """A user looks after a patient."""

    organisation_id = pw.BigIntegerField()
    patient_id = pw.BigIntegerField()
    user_id = pw.BigIntegerField()
    role = pw.TextField(default="")
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "care_team"
        indexes = (
            (("organisation_id", "patient_id", "user_id"), True),
            (("organisation_id", "user_id", "patient_id"), False),
        )


class Setting(Row):
    """What a user (or, without one, the organisation) has chosen; ``value`` is JSON."""

    organisation_id = pw.BigIntegerField()
    user_id = pw.BigIntegerField(null=True)
    name = pw.TextField()
    value = pw.TextField()
    version = pw.IntegerField(default=1)

    class Meta:
        table_name = "setting"


Setting.add_index(
    Setting.index(
        Setting.organisation_id,
        pw.fn.COALESCE(Setting.user_id, 0),
        Setting.name,
        unique=True,
        name="setting_name",
    )
)


class DatabaseInfo(Row):
    """The one row that tells which database this is. ``epoch`` changes with every restore,
    ``tzdata`` is the newest release of zone data that reckoned instants here.
    """

    id = pw.IntegerField(primary_key=True)
    epoch = pw.TextField()
    created_at = UtcDateTimeField()
    tzdata = pw.TextField(default="")

    class Meta:
        table_name = "database_info"
