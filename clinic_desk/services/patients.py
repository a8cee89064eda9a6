"""Patients: writing down a new one, and what has changed of one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from clinic_desk.models.people import Patient, Resource
from clinic_desk.rules import fold
from clinic_desk.rules.errors import InUseElsewhere, Invalid, NotFound, Refused, Stale
from clinic_desk.rules.words import N_
from clinic_desk.services import contacts, patient_access, patient_fields
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.booking import full_name
from clinic_desk.services.cards import PatientCard
from clinic_desk.services.contacts import Keys
from clinic_desk.services.diary import KEEP, Keep
from clinic_desk.services.patient_cards import SimilarPatient
from clinic_desk.services.patient_fields import ALERTS, search_key
from clinic_desk.services.patient_finding import listed, next_number, search
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work, command, query

__all__ = [
    "change",
    "create",
    "listed",
    "patient",
    "register",
    "search",
    "search_key",
    "similar",
]

SHARE = "Contact Share"
"""Registers somebody who has another organisation's patient's address or telephone number."""

NO_REASON = N_("Say why this person shares the contact of another.")
MERGED = N_("This record was merged into another one.")
OPEN_KEPT = N_("Open the record that was kept and change that.")


@query("Customer Show")
def patient(actor: Actor, patient_id: int) -> PatientCard:
    """One patient as they stand now. Raises ``NotFound``, also where *actor* may not see them."""
    visible, values = patient_access.seen(actor)
    names = ", ".join(f"p.{name}" for name in r.columns(Patient))
    found = actor.store.rows(
        f"SELECT {names} FROM patient p WHERE p.id = ? AND p.organisation_id = ? AND {visible}",  # noqa: S608
        (patient_id, actor.organisation_id, *values),
    )
    if not found:
        raise NotFound
    return card(r.row(Patient, found[0]))


@query("Customer Get All")
def similar(
    actor: Actor,
    *,
    first_name: str = "",
    last_name: str = "",
    date_of_birth: date | None = None,
    phone: str = "",
    email: str = "",
    national_id: str = "",
    limit: int = 5,
) -> tuple[SimilarPatient, ...]:
    """Patients of this organisation who may be the one described: the same identifier, the same
    telephone or address, or the same birth date (where both are known) with a similar name. A
    hint for whoever registers, never a refusal; what cannot be read yet finds nothing.
    """
    from clinic_desk.services import similar_patients

    return similar_patients.found(
        actor,
        first_name=first_name,
        last_name=last_name,
        date_of_birth=date_of_birth,
        phone=phone,
        email=email,
        national_id=national_id,
        limit=limit,
    )


@command("Customer Create", action="patient.create")
def create(
    work: Work,
    *,
    first_name: str,
    last_name: str,
    date_of_birth: date | None = None,
    phone: str = "",
    email: str = "",
    gender: str = "",
    language: str = "",
    alert: str = "",
    medical_alert: str = "",
    address: str = "",
    postcode: str = "",
    city: str = "",
    country: str = "",
    national_id: str = "",
    guardian_name: str = "",
    guardian_relation: str = "",
    guardian_email: str = "",
    guardian_phone: str = "",
    preferred_provider_id: int | None = None,
    shares_contact: str | None = None,
    request_id: str | None = None,
) -> PatientCard:
    """Write down a new patient, with the next free number.

    *shares_contact* is the reason why the address or telephone may be another organisation's
    patient's ("her daughter"); it needs the permission "Contact Share".

    Raises ``Invalid`` naming the field: a name is needed, a birth lies in the past. Raises
    ``InUseElsewhere`` where the address, the telephone or the identifier is known to another
    organisation, always in the same words.
    """
    given = {
        "first_name": first_name,
        "last_name": last_name,
        "date_of_birth": date_of_birth,
        "phone": phone,
        "email": email,
        "gender": gender,
        "language": language,
        "alert": alert,
        "medical_alert": medical_alert,
        "address": address,
        "postcode": postcode,
        "city": city,
        "country": country,
        "national_id": national_id,
        "guardian_name": guardian_name,
        "guardian_relation": guardian_relation,
        "guardian_email": guardian_email,
        "guardian_phone": guardian_phone,
        "preferred_provider_id": preferred_provider_id,
    }
    return card(register(work, given, shares_contact=shares_contact))


def register(
    work: Work,
    given: Mapping[str, Any],
    *,
    shares_contact: str | None = None,
    consented: bool = False,
) -> Patient:
    """The row of a new patient, within a work that does not hold the lock yet; *given* is any
    of ``patient_fields.NAMES``. *consented*: the person has agreed, so nobody asks elsewhere.
    """
    given = {**_EMPTY, **given}
    if given["medical_alert"]:
        work.require(ALERTS)
    fields = patient_fields.checked(work, given)
    patient_fields.require_name(fields)
    if not consented:
        refuse_used_elsewhere(work, patient_fields.keys(fields), shares_contact)
    number = next_number(work)
    resource = work.create(Resource, kind="patient")
    return work.create(
        Patient,
        id=resource.id,
        uuid=str(uuid.uuid4()),
        number=number,
        search=patient_fields.key_of(fields, number, work.catalogue.organisation.country),
        registered_at=work.now,
        active=True,
        version=1,
        **fields,
    )


_EMPTY: dict[str, Any] = {
    **dict.fromkeys(patient_fields.NAMES, ""),
    "date_of_birth": None,
    "preferred_provider_id": None,
}


def refuse_used_elsewhere(work: Work, keys: Keys, shares_contact: str | None) -> None:
    """Raise ``InUseElsewhere`` where a key belongs to another organisation's patient. With
    *shares_contact* (a reason, and the permission) only the identifier counts.

    One question, whatever is asked and found; and the same once more under the lock, since
    another organisation may be writing down the same person just now.
    """
    shares = shares_contact is not None
    if shares_contact is not None:
        reason = fold.clean("shares_contact", shares_contact, lines=True, longest=500)
        if not reason:
            raise Invalid("shares_contact", NO_REASON)
        work.require(SHARE)
        work.reason = reason

    def judge(answer: Rows) -> None:
        email, phone, national = map(bool, answer[0])
        if national or (not shares and (email or phone)):
            raise InUseElsewhere

    question = contacts.in_use_elsewhere(work.organisation_id, keys)
    judge(work.look_ahead(question)[0])
    work.keys.update(keys.locks)
    work.asked.append((question, judge))


@command("Customer Update", action="patient.change")
def change(
    work: Work,
    patient_id: int,
    *,
    version: int,
    first_name: str | Keep = KEEP,
    last_name: str | Keep = KEEP,
    date_of_birth: date | Keep | None = KEEP,
    phone: str | Keep = KEEP,
    email: str | Keep = KEEP,
    gender: str | Keep = KEEP,
    language: str | Keep = KEEP,
    alert: str | Keep = KEEP,
    medical_alert: str | Keep = KEEP,
    address: str | Keep = KEEP,
    postcode: str | Keep = KEEP,
    city: str | Keep = KEEP,
    country: str | Keep = KEEP,
    national_id: str | Keep = KEEP,
    guardian_name: str | Keep = KEEP,
    guardian_relation: str | Keep = KEEP,
    guardian_email: str | Keep = KEEP,
    guardian_phone: str | Keep = KEEP,
    preferred_provider_id: int | Keep | None = KEEP,
    shares_contact: str | None = None,
    request_id: str | None = None,
) -> PatientCard:
    """Save what was changed of a patient's data; *shares_contact* as for :func:`create`.

    What stays as it was is not judged again: an older record may hold what would be refused
    today. Raises ``Stale``, ``Invalid``, ``NotFound``, ``InUseElsewhere``; ``NotAllowed`` for
    patients in others' care.
    """
    given = {
        "first_name": first_name,
        "last_name": last_name,
        "date_of_birth": date_of_birth,
        "phone": phone,
        "email": email,
        "gender": gender,
        "language": language,
        "alert": alert,
        "medical_alert": medical_alert,
        "address": address,
        "postcode": postcode,
        "city": city,
        "country": country,
        "national_id": national_id,
        "guardian_name": guardian_name,
        "guardian_relation": guardian_relation,
        "guardian_email": guardian_email,
        "guardian_phone": guardian_phone,
        "preferred_provider_id": preferred_provider_id,
    }
    # As they stand now; whether they still do is asked under the lock, by the version.
    before = work.find(Patient, patient_id)
    wanted = {k: v for k, v in given.items() if v is not KEEP and v != getattr(before, k)}
    if "medical_alert" in wanted:
        work.require(ALERTS)
    country_of = {"country": wanted.get("country", before.country)}
    fields = patient_fields.checked(work, country_of | wanted)
    if "country" not in wanted:
        del fields["country"]
    fresh = {k: v for k, v in fields.items() if k.endswith("_key") and v != getattr(before, k)}
    refuse_used_elsewhere(work, patient_fields.keys(fresh), shares_contact)
    found, rights, former = work.lock(
        work.locked_row(Patient, patient_id),
        patient_access.rights(work.actor, patient_id),
        Statement(
            "SELECT number FROM patient WHERE merged_into_id = ? AND organisation_id = ?"
            " ORDER BY id",
            (patient_id, work.organisation_id),
        ),
    )
    patient_access.require_change(work, rights)
    row = work.found(Patient, found)
    if row.version != version:
        raise Stale(card(row))
    if row.merged_into_id is not None:
        raise Refused(MERGED, way_out=OPEN_KEPT)
    new = {name: fields.get(name, getattr(row, name)) for name in patient_fields.NAMES}
    patient_fields.require_name(new)
    home = work.catalogue.organisation.country
    key = patient_fields.key_of(new, row.number, home, [number for (number,) in former])
    work.change(row, **fields, search=key)
    return card(row)


def card(row: Patient) -> PatientCard:
    """What the faces see of a patient."""
    return PatientCard(
        id=row.id,
        uuid=row.uuid,
        version=row.version,
        number=row.number,
        first_name=row.first_name,
        last_name=row.last_name,
        name=full_name(row.first_name, row.last_name),
        date_of_birth=row.date_of_birth,
        gender=row.gender,
        phone=row.phone,
        email=row.email,
        alert=row.alert,
        preferred_provider_id=row.preferred_provider_id,
        active=row.active,
    )


create.again = patient  # type: ignore[attr-defined]
change.again = patient  # type: ignore[attr-defined]
