"""Registering somebody who agreed: a copy of the consented fields, never a shared row.

After the code, or with a signed form instead of it. Both organisations' histories get their
deed in one transaction, each under its own lock.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from clinic_desk.models.consents import Consent
from clinic_desk.models.documents import MOST_OF_A_PART, Document, DocumentPart
from clinic_desk.models.people import Patient
from clinic_desk.rules import file_names, fold
from clinic_desk.rules.errors import Invalid, Refused, Stale
from clinic_desk.rules.words import N_
from clinic_desk.services import consent_rows as c
from clinic_desk.services import patient_fields, patients
from clinic_desk.services import rows as r
from clinic_desk.services.cards import PatientCard
from clinic_desk.services.consent import LONGEST_REASON, NO_REASON, Over
from clinic_desk.services.consent_cards import FIELDS, Channel, Scan, Share, State
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work, command

REGISTER = "Consent Get Consented"
PAPER = "Consent Paper Form"

LARGEST_SCAN = 10 * 1024 * 1024
KINDS = {b"%PDF-": "application/pdf", b"\x89PNG\r\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
"""What a scan may be, by its first bytes: what a file calls itself proves nothing."""

NOT_VERIFIED = N_("The code was not entered yet, so nothing may be copied.")
ENTER_CODE = N_("Enter the code of the message, or add the signed form.")
NO_RECORD = N_("There is no record from which anything could be copied.")
TYPE_IT = N_("Check the contact with the person, or have the other clinic send what you need.")
NOT_IN_ASKED = N_("Only what the message named can be shared.")
NO_SCAN = N_("Add the scan of the signed form.")
TOO_LARGE = N_("A scan has {most} MB at most.")
WRONG_KIND = N_("A scan is a PDF, PNG or JPEG file.")
PAST = N_("A consent ends in the future, or when it is withdrawn.")


HERE = N_("{patient} is registered here already.")
OPEN_IT = N_("Open that patient instead of registering them twice.")


class RegisteredHere(Refused):
    """Whoever agreed is a patient of this organisation already; ``patient`` is their card."""

    def __init__(self, patient: PatientCard) -> None:
        told = " · ".join(part for part in (patient.name, patient.number) if part)
        super().__init__(HERE, way_out=OPEN_IT, patient=told)
        self.patient = patient


@command(REGISTER, action="consent.agree")
def agree(
    work: Work,
    consent_id: int,
    draft: Mapping[str, Any],
    *,
    shares: Sequence[Share | str] | None = None,
    until: datetime | None = None,
    request_id: str | None = None,
) -> PatientCard:
    """The person agreed: register them here, with the consented fields over those of *draft*.

    *shares* may only be fewer groups than were asked for; *until* None means until it is
    withdrawn. Raises ``Over`` where the consent ended, ``Refused`` before the code was
    verified or where the record is gone, ``Invalid``, ``Stale``, ``NotFound``.
    """
    (found,) = work.look_ahead(c.own(work.actor, consent_id))
    row = c.require(found)
    _require(row, work.now, State.VERIFIED)
    return patients.card(_registered(work, row, draft, shares, until, {}))


@command(PAPER, action="consent.paper")
def paper(
    work: Work,
    consent_id: int,
    draft: Mapping[str, Any],
    scan: Scan,
    *,
    reason: str,
    shares: Sequence[Share | str] | None = None,
    until: datetime | None = None,
    request_id: str | None = None,
) -> PatientCard:
    """As :func:`agree`, with a signed form in place of the code; *reason* says why.

    The scan is kept with the patient. Needs the permission to register as well.
    """
    work.require(REGISTER)
    reason = fold.clean("reason", reason, lines=True, longest=LONGEST_REASON)
    if not reason:
        raise Invalid("reason", NO_REASON)
    media_type = _media_type(scan)
    name = fold.clean("scan", scan.name, longest=file_names.LONGEST) or "consent"
    (found,) = work.look_ahead(c.own(work.actor, consent_id))
    row = c.require(found)
    _require(row, work.now, State.ASKED)
    work.reason = reason
    own = {"channel": str(Channel.PAPER), "reason": reason}
    person = _registered(work, row, draft, shares, until, own)
    document = _kept(work, person.id, name, media_type, scan)
    consent = work.written["consent", consent_id]
    work.change(consent, document_id=document.id)
    return patients.card(person)


def _registered(
    work: Work,
    row: Consent,
    draft: Mapping[str, Any],
    shares: Sequence[Share | str] | None,
    until: datetime | None,
    fields: dict[str, Any],
) -> Patient:
    groups = _groups(row, shares)
    if until is not None and until <= work.now:
        raise Invalid("until", PAST)
    keeper = row.source_organisation_id
    source = c.source(row)
    copied = _copied(work.look(source)[0], row, groups)
    if keeper != work.organisation_id:
        work.name_too(keeper)
    given = {k: v for k, v in draft.items() if k in patient_fields.NAMES and v not in {"", None}}
    person = patients.register(work, given | copied, consented=True)
    # The lock is held since: what was read before it has to hold still.
    found, again, head, here = work.look_again(
        work.locked_row(Consent, row.id), source, c.head_of(keeper), _here(row, person)
    )
    now = c.require(found)
    if now.version != row.version or _copied(again, now, groups) != copied:
        raise Stale
    if here:
        raise RegisteredHere(patients.card(r.row(Patient, here[0])))
    work.change(
        now,
        state=str(State.AGREED),
        patient_id=person.id,
        fields=json.dumps(groups),
        verified_at=now.verified_at or work.now,
        agreed_at=work.now,
        until_at=until,
        **fields,
    )
    told = {"state": str(State.AGREED), "fields": now.fields, "channel": now.channel}
    c.tell_other(work, keeper, head, now, told)
    return person


def _here(row: Consent, person: Patient) -> Statement:
    """Who is a patient of the asking organisation already: registered from the same record by
    any consent, or with the same identifier, or with the same name, birth date and contact.
    """
    number, mine = row.source_patient_id, row.organisation_id
    active, born = r.stored(Patient, "active", True), r.stored(Patient, "date_of_birth", None)
    if person.date_of_birth is not None:
        born = r.stored(Patient, "date_of_birth", person.date_of_birth)
    name = fold.key(f"{person.last_name} {person.first_name}")
    same = "date_of_birth = ? AND substr(search || ' ', 1, CAST(? AS INTEGER)) = ?"
    also = "UNION ALL SELECT id FROM patient WHERE"
    told = (born, len(name) + 1, f"{name} ")
    return Statement(
        f"{r.selecting(Patient)} WHERE organisation_id = ? AND active = ? AND id <> ? AND id IN ("  # noqa: S608
        "SELECT COALESCE(m.merged_into_id, m.id) FROM consent k JOIN patient m"
        " ON m.id = k.patient_id WHERE k.organisation_id = ? AND k.source_organisation_id = ?"
        " AND COALESCE((SELECT s.merged_into_id FROM patient s WHERE s.id = k.source_patient_id),"
        " k.source_patient_id) = COALESCE((SELECT s.merged_into_id FROM patient s WHERE s.id = ?),"
        " CAST(? AS BIGINT))"
        f" {also} national_key = ? AND national_key <> ''"
        f" {also} email_key = ? AND email_key <> '' AND {same}"
        f" {also} phone_key = ? AND phone_key <> '' AND {same}"
        ") ORDER BY id LIMIT 1",
        [
            *(mine, active, person.id, mine, row.source_organisation_id, number, number),
            *(person.national_key, person.email_key, *told, person.phone_key, *told),
        ],
    )


def _require(row: Consent, now: datetime, wanted: State) -> None:
    state = c.state(row, now)
    if state is State.ASKED and wanted is not State.ASKED:
        raise Refused(NOT_VERIFIED, way_out=ENTER_CODE)
    if state is not wanted:
        raise Over(state)


def _groups(row: Consent, shares: Sequence[Share | str] | None) -> tuple[Share, ...]:
    asked = c.shares(row)
    if shares is None:
        return asked
    wanted = c.groups(list(map(str, shares)))
    if not set(wanted) <= set(asked):
        raise Invalid("shares", NOT_IN_ASKED)
    return wanted


def _copied(found: Rows, row: Consent, groups: Sequence[Share]) -> dict[str, Any]:
    """The consented fields of the record, those that hold anything."""
    person = r.row(Patient, found[0]) if found and c.kept(row) else None
    if person is None or not person.active:
        raise Refused(NO_RECORD, way_out=TYPE_IT)
    names = [name for share in groups for name in FIELDS[share]]
    return {n: v for n in names if (v := getattr(person, n)) not in {"", None}}


def _media_type(scan: Scan) -> str:
    if not scan.content:
        raise Invalid("scan", NO_SCAN)
    if len(scan.content) > LARGEST_SCAN:
        raise Invalid("scan", TOO_LARGE, most=LARGEST_SCAN // (1024 * 1024))
    for start, media_type in KINDS.items():
        if scan.content.startswith(start):
            return media_type
    raise Invalid("scan", WRONG_KIND)


def _kept(work: Work, patient_id: int, name: str, media_type: str, scan: Scan) -> Document:
    """The scan as a document of the patient; the history tells its sum, not its content."""
    document = work.create(
        Document,
        uuid=str(uuid.uuid4()),
        patient_id=patient_id,
        name=name,
        media_type=media_type,
        size=len(scan.content),
        sha256=scan.sha256,
        author_id=work.actor.user_id,
        written_at=work.now,
        version=1,
    )
    for part, start in enumerate(range(0, len(scan.content), MOST_OF_A_PART)):
        content = scan.content[start : start + MOST_OF_A_PART]
        work._transaction.write(  # noqa: SLF001 - contents do not stand in the history
            Statement(
                f"INSERT INTO {r.table(DocumentPart)}"  # noqa: S608
                " (organisation_id, document_id, part, content) VALUES (?, ?, ?, ?)",
                (work.organisation_id, document.id, part, content),
            )
        )
    return document


agree.again = patients.patient  # type: ignore[attr-defined]
paper.again = patients.patient  # type: ignore[attr-defined]
