"""What can be taken back: for each kind of row what undoing its creation means, whose name it
may not take from another, and who refers to it; and which deeds are never taken back, and why.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

import peewee

from clinic_desk.models import catalogue as shelf
from clinic_desk.models import people
from clinic_desk.models.diary import Appointment, CalendarEvent, Case, CaseType, Payment
from clinic_desk.models.documents import AppointmentMessage, PatientNote, Referral
from clinic_desk.models.forms import Form, FormAnswer, FormCategory, FormType
from clinic_desk.models.journal import MessageTemplate
from clinic_desk.rules.errors import Refused
from clinic_desk.rules.words import N_


class Gone(Enum):
    """What becomes of a row whose creation is undone."""

    DELETED = auto()
    """It is taken away, where nothing refers to it by now; else undo is refused."""
    INACTIVE = auto()
    """It stays and is not in use any more: somebody may be named after it in the history."""
    CANCELLED = auto()
    """It is a visit."""
    NEVER = auto()
    """It was there before anybody could do anything."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a row is taken back. ``names`` are fields that no two rows share (but for case and
    accents), each with the field within which that is asked, empty for the organisation.
    """

    model: type[peewee.Model]
    gone: Gone = Gone.DELETED
    names: tuple[tuple[str, str], ...] = ()


_NAME = (("name", ""),)
_CODE = (("code", ""),)

KINDS: dict[str, Kind] = {
    "appointment": Kind(Appointment, Gone.CANCELLED),
    "appointment_message": Kind(AppointmentMessage),
    "appointment_type": Kind(shelf.AppointmentType, names=(*_NAME, *_CODE)),
    "calendar_event": Kind(CalendarEvent),
    "care_team": Kind(people.CareTeam),
    "case_type": Kind(CaseType),
    "clinic_hours": Kind(shelf.ClinicHours),
    "closed_day": Kind(shelf.ClosedDay),
    "form": Kind(Form, names=(("name", "kind"),)),
    "form_answer": Kind(FormAnswer),
    "form_category": Kind(FormCategory),
    "form_type": Kind(FormType),
    "location": Kind(shelf.Location, names=_NAME),
    "message_template": Kind(MessageTemplate),
    "organisation": Kind(people.Organisation, Gone.NEVER),
    "operatory": Kind(shelf.Operatory, names=(("name", "location_id"),)),
    "patient": Kind(people.Patient, Gone.INACTIVE),
    "patient_case": Kind(Case),
    "patient_note": Kind(PatientNote),
    "payment": Kind(Payment),
    "provider": Kind(people.Provider),
    "provider_qualification": Kind(shelf.ProviderQualification),
    "provider_weekday": Kind(shelf.ProviderWeekday),
    "qualification": Kind(shelf.Qualification, names=_NAME),
    "referral": Kind(Referral),
    "role": Kind(people.Role, names=_NAME),
    "service_code": Kind(shelf.ServiceCode, names=_CODE),
    "service_modifier": Kind(shelf.ServiceModifier, names=_CODE),
    "setting": Kind(people.Setting),
    "type_qualification": Kind(shelf.TypeQualification),
    "user_account": Kind(people.User, Gone.INACTIVE),
    "user_location": Kind(people.UserLocation),
    "work_exception": Kind(shelf.WorkException),
    "work_hours": Kind(shelf.WorkHours),
}
"""By table."""

STAYS = frozenset({"permit", "resource", "series"})
"""Created beside another row; it does no harm alone, so undo leaves it."""

_OF_TIME = (
    ("appointment_extra", "resource_id"),
    ("calendar_event", "resource_id"),
    ("hold", "resource_id"),
)
_CODES = (
    ("appointment", "service_code_id"),
    ("appointment_type", "service_code_id"),
    ("provider", "service_code_id"),
)

REFERENCES: dict[str, tuple[tuple[str, str], ...]] = {
    "appointment_type": (
        ("appointment", "type_id"),
        ("case_type", "type_id"),
        ("form_type", "type_id"),
        ("patient_case", "type_id"),
        ("type_qualification", "type_id"),
    ),
    "document": (("consent", "document_id"), ("referral", "document_id")),
    "form": (("form_answer", "form_id"), ("form_type", "form_id")),
    "form_category": (("form", "category_id"),),
    "location": (
        ("appointment", "location_id"),
        ("calendar_event", "location_id"),
        ("clinic_hours", "location_id"),
        ("closed_day", "location_id"),
        ("operatory", "location_id"),
        ("provider", "default_location_id"),
        ("provider_weekday", "location_id"),
        ("user_location", "location_id"),
        ("work_exception", "location_id"),
        ("work_hours", "location_id"),
    ),
    "operatory": (
        ("appointment", "operatory_id"),
        ("location", "default_operatory_id"),
        ("work_hours", "operatory_id"),
        *_OF_TIME,
    ),
    "patient_case": (("appointment", "case_id"), ("case_type", "case_id")),
    "provider": (
        ("appointment", "provider_id"),
        ("calendar_address", "provider_id"),
        ("patient", "preferred_provider_id"),
        ("provider_qualification", "provider_id"),
        ("provider_weekday", "provider_id"),
        ("user_account", "provider_id"),
        ("work_exception", "provider_id"),
        ("work_hours", "provider_id"),
        *_OF_TIME,
    ),
    "qualification": (
        ("provider_qualification", "qualification_id"),
        ("type_qualification", "qualification_id"),
    ),
    "role": (("api_token", "role_id"), ("user_account", "role_id")),
    "service_code": _CODES,
    "service_modifier": (("appointment", "modifier_id"),),
}
"""Table and column of all that names a row which can be taken away. A test holds this to the
references that the databases know.
"""

TARGET = {
    pair: kind
    for kind, pairs in REFERENCES.items()
    for pair in pairs
    if pair[1] != "resource_id"  # either a provider or an operatory
}
"""Table and column to the kind that is named there."""

_SAID = N_("What was said about a consent is not taken back: the patient was asked already.")
_SECRET = N_("A password is not taken back: what it was before is kept nowhere.")
_TOKEN = N_("The access of another program is not taken back: its secret is kept nowhere.")
_ADDRESS = N_("The address of a calendar is not taken back: its secret is kept nowhere.")
_HOOK = N_("The former secret of a webhook is not brought back: it may be known to others.")
_FILE = N_("A file is not taken back: what is thrown away is gone for good.")
_IMPORT = N_("An import is not taken back as one change.")
_CONSENT_WAY = N_("Withdraw the consent, or ask anew, on the page of consents.")
_SECRET_WAY = N_("Choose another password.")
_TOKEN_WAY = N_("Withdraw it, or give the program a new one.")
_ADDRESS_WAY = N_("Withdraw it, or make a new one.")
_HOOK_WAY = N_("Renew the secret once more, and enter it at the other program.")
_FILE_WAY = N_("Add the file again, or remove it on the patient's page.")
_IMPORT_WAY = N_("Look at the list of imports, and correct the patients by hand.")

NEVER: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        (
            "consent.agree",
            "consent.close",
            "consent.heard",
            "consent.paper",
            "consent.take",
            "consent.verify",
            "consent.withdraw",
        ),
        (_SAID, _CONSENT_WAY),
    ),
    **dict.fromkeys(("user.password", "user.renew"), (_SECRET, _SECRET_WAY)),
    **dict.fromkeys(("token.create", "token.revoke"), (_TOKEN, _TOKEN_WAY)),
    "webhook.renew": (_HOOK, _HOOK_WAY),
    **dict.fromkeys(("calendar.give", "calendar.withdraw"), (_ADDRESS, _ADDRESS_WAY)),
    **dict.fromkeys(("document.add", "document.begin", "document.remove"), (_FILE, _FILE_WAY)),
    **dict.fromkeys(("import.begin", "import.end", "patient.import"), (_IMPORT, _IMPORT_WAY)),
}
"""Deeds that stand: why, and what to do instead."""


THIS_KIND = N_("This kind of change cannot be undone.")
LOOK = N_("Look at the history and change it by hand.")
ONLY_MESSAGES = N_("This only concerned messages; there is nothing to undo in the calendar.")
SEE_OUTBOX = N_("Withdraw a message or send it again in the outbox.")


def why_not(changed: Iterable[tuple[str, int]], action: str = "") -> Refused | None:
    """Why a deed that touched this (kinds and ids) by this *action* (where it is known) cannot
    be taken back, and what to do instead; None where it is of those that can. Whether it still
    can be, only undoing it finds out.
    """
    if action in NEVER:
        why, way_out = NEVER[action]
        return Refused(why, way_out=way_out)
    touched = {kind for kind, _number in changed}
    kinds = touched - {"outbox"}
    if kinds - STAYS and kinds <= KINDS.keys() | STAYS:
        return None
    if touched == {"outbox"}:
        return Refused(ONLY_MESSAGES, way_out=SEE_OUTBOX)
    return Refused(THIS_KIND, way_out=LOOK)
