"""The clinic itself: its name, country and time zone, and what holds for all of its diary.

How a telephone number without a country is read hangs on the country: whoever changes it calls
:func:`clinic_desk.services.contacts.renew_keys` afterwards.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from clinic_desk.models.people import Organisation, Setting
from clinic_desk.rules import clinic_time
from clinic_desk.rules.errors import Invalid, Stale
from clinic_desk.rules.words import N_
from clinic_desk.services import clinic_fields as fields
from clinic_desk.services import countries, impact, lengths, patient_files
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.impact import Change, Scope
from clinic_desk.services.settings import SHARING
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work, command, query

STEPS = (5, 10, 15, 20, 30, 60)
"""Minutes between two starts that are offered: each parts the hour evenly."""

MOST_MEGABYTES = 500
"""No document may be larger, whatever a clinic says."""

BAD_STEP = N_("Starts stand 5, 10, 15, 20, 30 or 60 minutes apart.")
BAD_SIZE = N_("A document may have 1 to {most} MB.")


@dataclass(frozen=True, slots=True)
class ClinicDraft:
    """What may be changed. ``country`` is ISO 3166, ``time_zone`` an IANA name; starts are
    offered every ``step_minutes`` of the wall clock.
    """

    name: str
    country: str
    time_zone: str
    step_minutes: int
    overbooking: bool
    most_megabytes: int


@dataclass(frozen=True, slots=True)
class ClinicFile:
    """The clinic as it stands, and the versions of the two rows in which it does."""

    draft: ClinicDraft
    version: int
    limit_version: int = 0


@query(SHARING)
def get(actor: Actor) -> ClinicFile:
    """The clinic as it stands; two queries."""
    asked = (_own(actor.organisation_id), _limit(actor.organisation_id))
    clinic, limit = (actor.store.rows(s.sql, s.parameters) for s in asked)
    return _file(r.row(Organisation, clinic[0]), _setting(limit))


@command(SHARING, action="clinic.change")
def change(
    work: Work,
    before: ClinicFile,
    draft: ClinicDraft,
    *,
    accept: frozenset[int] = frozenset(),
    request_id: str | None = None,
) -> ClinicFile:
    """Make the clinic what *draft* says; *before* is what was shown when it was changed.

    Raises ``WouldBreak`` for visits that another time zone puts outside the hours and that are
    not in *accept*, ``Invalid`` naming the field, ``Stale`` with the present file.
    """
    tidy = _tidy(draft, before.draft)
    reads = (_own(work.organisation_id, work), _limit(work.organisation_id))
    if tidy.time_zone == before.draft.time_zone:
        clinic, limit = work.lock(*reads)
    else:
        clinic, limit = impact.lock(work, Scope(), as_clinic(tidy), accept, *reads)
    row, setting = work.found(Organisation, clinic), _setting(limit)
    now = _file(row, setting)
    if now != before:
        raise Stale(now)
    work.change(
        row,
        name=tidy.name,
        country=tidy.country,
        time_zone=tidy.time_zone,
        step_minutes=tidy.step_minutes,
        overbooking=tidy.overbooking,
    )
    if tidy.most_megabytes != now.draft.most_megabytes:
        text = json.dumps(tidy.most_megabytes)
        if setting is None:
            setting = work.create(
                Setting, user_id=None, name=patient_files.MOST_MEGABYTES, value=text, version=1
            )
        else:
            work.change(setting, value=text)
    return _file(row, setting)


def as_clinic(draft: ClinicDraft) -> Change:
    """The catalogue with the clinic as *draft* says."""

    def changed(known: Catalogue) -> Catalogue:
        card = replace(
            known.organisation,
            name=draft.name,
            time_zone=draft.time_zone,
            country=draft.country,
            step_minutes=draft.step_minutes,
            overbooking=draft.overbooking,
        )
        return replace(known, organisation=card)

    return changed


def _tidy(draft: ClinicDraft, before: ClinicDraft) -> ClinicDraft:
    clinic_time.zone(draft.time_zone)
    country = draft.country
    if country != before.country:  # an older program took any two letters
        country = countries.checked(country)
    if draft.step_minutes not in (*STEPS, before.step_minutes):
        raise Invalid("step_minutes", BAD_STEP)
    if not 1 <= draft.most_megabytes <= max(MOST_MEGABYTES, before.most_megabytes):
        raise Invalid("most_megabytes", BAD_SIZE, most=MOST_MEGABYTES)
    name = fields.required("name", draft.name, longest=lengths.NAME)
    return replace(draft, name=name, country=country)


def _own(organisation_id: int, work: Work | None = None) -> Statement:
    if work is not None:
        return work.locked_row(Organisation, organisation_id)
    return r.by_id(Organisation, organisation_id, organisation_id)


def _limit(organisation_id: int) -> Statement:
    return Statement(
        f"{r.selecting(Setting)} WHERE organisation_id = ? AND COALESCE(user_id, 0) = 0"
        " AND name = ?",
        (organisation_id, patient_files.MOST_MEGABYTES),
    )


def _setting(found: Rows) -> Setting | None:
    return r.row(Setting, found[0]) if found else None


def _file(row: Organisation, setting: Setting | None) -> ClinicFile:
    usual = patient_files.USUAL_MEGABYTES
    return ClinicFile(
        ClinicDraft(
            row.name,
            row.country,
            row.time_zone,
            row.step_minutes,
            row.overbooking,
            usual if setting is None else int(json.loads(setting.value)),
        ),
        row.version,
        0 if setting is None else setting.version,
    )
