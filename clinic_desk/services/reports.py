"""The report of a visit: what stands in it, and sending it as a PDF through the outbox.

The page itself is set by a face that can print. What is sent is kept with the patient as a
document, so that everybody can see later what went out.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime

from clinic_desk.models.diary import Appointment, Case
from clinic_desk.models.documents import MOST_OF_A_PART, Document, DocumentPart
from clinic_desk.models.people import Patient
from clinic_desk.rules.errors import Invalid, NotFound, Refused, Stale
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.words import N_
from clinic_desk.services import letters, mail_settings, messages, patient_access
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, command, query

MOST_BYTES = 8 * 1024 * 1024
"""A report is a page or two; mail servers refuse much more."""

NO_PDF = N_("This is no PDF that could be sent.")
TRY_AGAIN = N_("Open the report again and repeat it.")
NOT_IN_USE = N_("This patient's record is not in use any more.")
OTHER_RECORD = N_("Send it from the record that replaced it, or print the report.")


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """All that a report says. Instants are aware; ``time_zone`` is that of the visit.

    ``version`` is the visit's; ``recipient`` is where a mail would go, empty without an
    address; ``mail_ready`` says whether mails are sent at all. ``language`` is the tag of the
    patient's language, else of the clinic's letters; empty where neither is known.
    """

    appointment_id: int
    version: int
    clinic: str
    location: str
    address: str
    phone: str
    patient: str
    number: str
    born: date | None
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    service: str
    provider: str
    status: Status
    main_problem: str
    notes: str
    recipient: str
    mail_ready: bool
    language: str = ""


@dataclass(frozen=True, slots=True)
class Pdf:
    """A set report; neither history nor fingerprint ever holds more of it than its sum."""

    name: str
    content: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """The sum of the content, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()

    def __repr__(self) -> str:
        return f"Pdf({self.sha256})"


@query("Appointment Download Report")
def for_download(actor: Actor, appointment_id: int) -> ReportFacts:
    """What the report of a visit says, to print or save it; four queries at most.

    Raises ``NotFound``.
    """
    return _facts(actor, appointment_id)


@query("Appointment Email Report")
def for_mail(actor: Actor, appointment_id: int) -> ReportFacts:
    """What the report of a visit says, to send it. Raises ``NotFound``."""
    return _facts(actor, appointment_id)


@command("Appointment Email Report", action="report.send")
def send(
    work: Work, appointment_id: int, pdf: Pdf, *, version: int, request_id: str | None = None
) -> None:
    """Keep *pdf* with the patient and send it to them as the report of a visit, at once.

    *version* is that of the visit which the report tells of. Raises ``Invalid`` (field "pdf"),
    ``Refused`` without a mail server or an address, ``Stale``, ``NotFound``.
    """
    if not pdf.content.startswith(b"%PDF-") or len(pdf.content) > MOST_BYTES:
        raise Invalid("pdf", NO_PDF, way_out=TRY_AGAIN)
    seen = work.find(Appointment, appointment_id)
    visits, people = work.lock(
        work.locked_row(Appointment, appointment_id),
        r.by_id(Patient, work.organisation_id, seen.patient_id),
    )
    row, person = work.found(Appointment, visits), work.found(Patient, people)
    if row.version != version or row.patient_id != person.id:
        raise Stale
    if not person.active or person.merged_into_id is not None:
        raise Refused(NOT_IN_USE, way_out=OTHER_RECORD)
    messages.report(work, row, person, _kept(work, row, pdf))


def _facts(actor: Actor, appointment_id: int) -> ReportFacts:
    organisation = actor.organisation_id

    def one(statement: Statement) -> tuple[object, ...]:
        found = actor.store.rows(statement.sql, statement.parameters)
        if not found:
            raise NotFound
        return found[0]

    row = r.row(Appointment, one(patient_access.row(actor, Appointment, appointment_id)))
    person = r.row(Patient, one(r.by_id(Patient, organisation, row.patient_id)))
    case = r.row(Case, one(r.by_id(Case, organisation, row.case_id)))
    settings = mail_settings.load(actor.store, organisation)
    catalogue = actor.store.catalogue(organisation)
    place = catalogue.locations.get(row.location_id or 0)
    kind = catalogue.types.get(row.type_id)
    provider = catalogue.providers.get(row.provider_id)
    wanted = (person.language, settings.language)
    return ReportFacts(
        appointment_id=row.id,
        version=row.version,
        clinic=catalogue.organisation.name,
        location=place.name if place else "",
        address=place.address if place else "",
        phone=place.phone if place else "",
        patient=f"{person.first_name} {person.last_name}".strip(),
        number=person.number,
        born=person.date_of_birth,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        time_zone=row.time_zone,
        service=kind.name if kind else "",
        provider=provider.name if provider else "",
        status=Status(row.status),
        main_problem=case.main_problem,
        notes=row.notes,
        recipient=messages.recipient(person),
        mail_ready=settings.ready,
        language=letters.language_for(*wanted) if any(wanted) else "",
    )


def _kept(work: Work, row: Appointment, pdf: Pdf) -> int:
    """The report as a document of the patient; the history tells its sum, not its content."""
    document = work.create(
        Document,
        uuid=str(uuid.uuid4()),
        patient_id=row.patient_id,
        appointment_id=row.id,
        name=pdf.name,
        media_type="application/pdf",
        size=len(pdf.content),
        sha256=pdf.sha256,
        author_id=work.actor.user_id,
        written_at=work.now,
        version=1,
    )
    for part, start in enumerate(range(0, len(pdf.content), MOST_OF_A_PART)):
        content = pdf.content[start : start + MOST_OF_A_PART]
        work._transaction.write(  # noqa: SLF001 - contents do not stand in the history
            Statement(
                f"INSERT INTO {r.table(DocumentPart)}"  # noqa: S608
                " (organisation_id, document_id, part, content) VALUES (?, ?, ?, ?)",
                (work.organisation_id, document.id, part, content),
            )
        )
    return int(document.id)
