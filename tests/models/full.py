"""One row of everything that the second schema brought, in a practice."""

from __future__ import annotations

import hashlib
from typing import Any

from clinic_desk.models.catalogue import (
    AppointmentType,
    Location,
    ProviderWeekday,
    ServiceCode,
    ServiceModifier,
)
from clinic_desk.models.consents import Consent
from clinic_desk.models.diary import Appointment, Case, CaseType, Payment
from clinic_desk.models.documents import (
    AppointmentMessage,
    Document,
    DocumentPart,
    PatientNote,
    Referral,
)
from clinic_desk.models.forms import Form, FormAnswer, FormCategory, FormType
from clinic_desk.models.imports import PatientImport
from clinic_desk.models.journal import MessageTemplate, Outbox
from clinic_desk.models.people import CareTeam, Patient, Provider, User, UserLocation
from clinic_desk.models.tokens import ApiToken, CalendarAddress
from clinic_desk.models.webhooks import Webhook, WebhookCall
from tests.models.sample import NINE, Practice, new_uuid


def fill(practice: Practice, source: Practice | None = None) -> dict[str, int]:
    """Add the rows; gives their numbers by table. The consent is for *source*'s patient."""
    own: dict[str, Any] = {"organisation_id": practice.id}
    patient, merged = practice.patients
    visit = practice.book()
    case, user, kind = practice.cases[0], practice.user_id, practice.type_id
    house, provider, room = practice.location.id, practice.providers[0], practice.operatories[0]
    source = source or practice
    made: dict[str, Any] = {
        "appointment": visit,
        "patient": merged,
        "patient_case": case,
        "user_account": user,
        "appointment_type": kind,
        "location": house,
        "provider": provider,
    }

    def add(model: Any, **values: Any) -> int:
        row = model.create(**(own | values))
        made[model._meta.table_name] = row.id
        return int(row.id)

    def add_named(model: Any, **values: Any) -> int:
        return add(model, uuid=new_uuid(), **values)

    code = add_named(ServiceCode, code="0010", name="Consultation")
    modifier = add_named(ServiceModifier, code="22", name="Longer")
    add(ProviderWeekday, provider_id=provider, weekday=0, location_id=house)
    add(UserLocation, user_id=user, location_id=house)
    add(CareTeam, patient_id=patient, user_id=user, role="nurse")
    add(CaseType, case_id=case, type_id=kind)
    about = {"patient_id": patient, "appointment_id": visit, "author_id": user, "written_at": NINE}
    add_named(PatientNote, kind="cancellation", text="Nächstes Mal früher", **about)
    content = bytes(range(256)) * 9
    document = add_named(
        Document,
        name="Röntgen.png",
        media_type="image/png",
        size=2 * len(content),
        sha256=hashlib.sha256(content * 2).hexdigest(),
        **about,
    )
    for part in (0, 1):
        DocumentPart.create(**own, document_id=document, part=part, content=content)
    add_named(AppointmentMessage, appointment_id=visit, author_id=user, text="?", written_at=NINE)
    category = add_named(FormCategory, name="Before a visit", colour="#0067db", owner_id=user)
    form = add_named(Form, kind="triage", name="Pain", fields='[{"name": "where"}]',
                     category_id=category)  # fmt: skip
    add(FormType, form_id=form, type_id=kind)
    add_named(FormAnswer, form_id=form, appointment_id=visit, answered_by=user, answered_at=NINE)
    add_named(Referral, appointment_id=visit, direction="to", name="X-ray", document_id=document)
    add_named(Payment, appointment_id=visit, amount_minor=4250, currency="EUR")
    add_named(
        Consent,
        source_organisation_id=source.id,
        source_patient_id=source.patients[0],
        patient_id=patient,
        purpose="treatment",
        channel="paper",
        document_id=document,
        asked_by=user,
        asked_at=NINE,
        expires_at=NINE,
    )
    add_named(MessageTemplate, kind="confirmed", language="de", subject="Termin", body="…")
    add_named(ApiToken, name="Portal", scopes='["patients:read"]', secret_hash="0" * 64,
              role_id=User.get_by_id(user).role_id, created_by=user, created_at=NINE)  # fmt: skip
    add_named(CalendarAddress, provider_id=provider, secret_hash=new_uuid().replace("-", "") * 2,
              created_by=user, created_at=NINE)  # fmt: skip
    webhook = add_named(Webhook, url="https://example.org/hook", sealed_secret="x", key_mark="y",
                        created_by=user, created_at=NINE)  # fmt: skip
    add_named(WebhookCall, webhook_id=webhook, seq=1, event="patient.created",
              subject=f"z{practice.id}", subject_version=1, occurred_at=NINE, created_at=NINE,
              due_at=NINE)  # fmt: skip
    add_named(PatientImport, user_id=user, file_name="old.csv", began_at=NINE, created=3)
    add_named(Outbox, seq=1, kind="confirmed", recipient="a@b.c", body="{}", due_at=NINE,
              patient_id=patient, appointment_id=visit, language="de", created_at=NINE)  # fmt: skip
    _set(Location, house, default_operatory_id=room)
    _set(Provider, provider, service_code_id=code, email="chen@example.org")
    _set(AppointmentType, kind, service_code_id=code)
    _set(Appointment, visit, service_code_id=code, modifier_id=modifier, cancelled_by="client")
    _set(Patient, merged, merged_into_id=patient, email_key="m@example.org", registered_at=NINE)
    _set(Patient, patient, merged_into_id=None, national_key="123", country="DE")
    _set(Case, case, requests_allowed=False)
    _set(User, user, approvals=True, must_change=True, wrong_tries=4, wait_until_ms=1_900_000)
    return made


def _set(model: Any, number: int, **values: Any) -> None:
    model.update(**values).where(model.id == number).execute()
