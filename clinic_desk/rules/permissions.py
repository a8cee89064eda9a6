"""Who may do what: the names of the permissions, what each guards, and the shipped roles.

The 78 names are those of the document, entry by entry: an entry that joins two acts with a
slash ("Procedure Update / Update All") is one permission under that very name, which is how
the document reaches 78. Our own, for what those do not cover, form the group "Clinic Desk".

A permission whose feature is not built yet (``in_use`` False) may be put into a role and
grants nothing; the roles' page shows it as "not in use yet".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from clinic_desk.rules.words import N_

OVERRIDE: Final = "Appointment Override"
"""Books outside hours, on a closed day, with a provider who is not qualified; with a reason."""

OVERBOOK: Final = "Appointment Overbook"
"""Squeezes a visit in beside another of the same provider or room; with a reason."""


@dataclass(frozen=True, slots=True)
class Permission:
    """A name, its group, what it guards (for translation), and whether it does so yet."""

    name: str
    group: str
    guards: str
    in_use: bool = False


_USED: Final = True

_Entry = tuple[str, str] | tuple[str, str, bool]

_DOCUMENT: Final[dict[str, tuple[_Entry, ...]]] = {
    N_("Locations and services"): (
        ("Location Get All", N_("List the locations"), _USED),
        ("Location Show", N_("Open a location's page"), _USED),
        (
            "Location Update All",
            N_("Change any location: address, opening hours, closed days"),
            _USED,
        ),
        ("Service Get All", N_("List the appointment types"), _USED),
        ("Service Show", N_("Open an appointment type's page"), _USED),
        ("Service Update All", N_("Change any appointment type: length, buffers, colour"), _USED),
    ),
    N_("Triage"): (
        ("Triage Form Get", N_("List the triage forms"), _USED),
        ("Triage Form Show", N_("Read a triage form"), _USED),
        ("Triage Form Create", N_("Make a triage form"), _USED),
    ),
    N_("Appointments"): (
        ("Appointment Get All", N_("See the calendar and the lists of appointments"), _USED),
        ("Appointment Show", N_("Open an appointment with its notes and history"), _USED),
        ("Appointment Create", N_("Book an appointment"), _USED),
        ("Appointment Cancel", N_("Cancel an appointment"), _USED),
        ("Appointment Change Location", N_("Move an appointment to another location"), _USED),
        ("Appointment Chat", N_("Exchange notes with colleagues on an appointment"), _USED),
        ("Appointment Download Report", N_("Save an appointment's report as PDF"), _USED),
        ("Appointment Email Report", N_("Send an appointment's report by e-mail"), _USED),
        ("Appointment Reject", N_("Decline an appointment request"), _USED),
        ("Appointment Update Triage", N_("Change the triage answers of an appointment"), _USED),
        ("Appointment Update", N_("Move and change appointments, follow their status"), _USED),
    ),
    N_("Exams"): (
        ("Exam Get All", N_("List the exams")),
        ("Exam Create", N_("Order an exam")),
        ("Exam Cancel", N_("Cancel an exam")),
        ("Exam Fix Sample", N_("Correct the sample of an exam")),
    ),
    N_("Charting"): (
        ("Search Customer Index", N_("Find patients in the index across all lists")),
        ("Charting By Exception Get All", N_("List the charts by exception")),
        ("Charting By Exception Show", N_("Read a chart by exception")),
        ("Charting By Exception Create", N_("Write a chart by exception")),
        ("Charting By Exception Update All", N_("Change any chart by exception")),
        ("Procedure Show", N_("Read a procedure")),
        ("Procedure Get All", N_("List the procedures")),
        ("Procedure Create", N_("Record a procedure")),
        ("Procedure Update / Update All", N_("Change one's own procedures, or any")),
    ),
    N_("Medical records"): (
        ("Medical Record Get All", N_("List the medical records")),
        ("Medical Record Show", N_("Read a medical record")),
        ("Medical Record Create", N_("Write a medical record")),
        ("Medical Record Update", N_("Change one's own medical records")),
        ("Medical Record Update All", N_("Change any medical record")),
        ("Medical ICD Get All", N_("List the diagnoses by ICD code")),
        ("Medical ICD Create", N_("Record a diagnosis by ICD code")),
        ("Medical ICD Delete", N_("Remove a diagnosis by ICD code")),
    ),
    N_("Questionnaires and referrals"): (
        ("Approval Questionnaire Get All", N_("List the approval questionnaires"), _USED),
        ("Approval Questionnaire Show", N_("Read an approval questionnaire"), _USED),
        ("Approval Questionnaire Create", N_("Make an approval questionnaire"), _USED),
        ("Approval Questionnaire Update", N_("Change one's own approval questionnaires"), _USED),
        ("Approval Questionnaire Update All", N_("Change any approval questionnaire"), _USED),
        ("Appointment Referral Get All", N_("List the referrals"), _USED),
        ("Appointment Referral Show", N_("Read a referral"), _USED),
        ("Appointment Referral Create", N_("Write a referral"), _USED),
        (
            "Appointment Referral Update / Update All",
            N_("Change one's own referrals, or any"),
            _USED,
        ),
    ),
    N_("Payments"): (
        ("Payment Get All", N_("List the payments"), _USED),
        ("Payment Show", N_("Open a payment"), _USED),
        ("Payment Create", N_("Take a payment"), _USED),
        ("Payment Change Status", N_("Change the status of a payment"), _USED),
        ("Payment Update", N_("Change one's own payments"), _USED),
        ("Payment Update All", N_("Change any payment"), _USED),
    ),
    N_("Patients"): (
        ("Customer Get All", N_("Search and list the patients"), _USED),
        ("Customer Show", N_("Open a patient's page"), _USED),
        ("Customer Create", N_("Register a patient"), _USED),
        ("Customer Update", N_("Change the data of patients in one's own care"), _USED),
        ("Customer Update All", N_("Change the data of any patient"), _USED),
        ("Import Customer Get All", N_("List the imports of patients"), _USED),
        ("Import Customer Upload", N_("Import patients from a file"), _USED),
    ),
    N_("Staff"): (
        ("User Get All", N_("List the staff"), _USED),
        ("User Show", N_("Open a staff member's page"), _USED),
        ("User Create", N_("Add a staff member"), _USED),
        ("User Get Users List For Material Filter", N_("Filter material by staff member")),
        ("User Update", N_("Change one's own data and password"), _USED),
        ("User Update All", N_("Change any staff member: role, password, access"), _USED),
    ),
    N_("Forms"): (
        (
            "Form Category Get All",
            N_("List the categories of forms: the shared ones and one's own"),
            _USED,
        ),
        ("Form Category Show", N_("Open a category of forms"), _USED),
        ("Form Category Create", N_("Make a category of forms"), _USED),
        (
            "Form Category Update",
            N_("Change or remove the categories of forms that one made"),
            _USED,
        ),
        (
            "Form Category Update All",
            N_("Change or remove any category of forms, and their order"),
            _USED,
        ),
        (
            "Form Category Get Master List",
            N_("See all categories of forms, out of use and others' own too"),
            _USED,
        ),
    ),
    N_("Consent"): (
        ("Consent Get Consented", N_("Register a patient from data shared with consent"), _USED),
        ("Consent Take", N_("Ask a patient to share their data"), _USED),
        ("Consent Verify", N_("Verify a patient's consent by its code"), _USED),
    ),
}

_OWN_GROUP = N_("Clinic Desk")

_OWN = (
    (OVERRIDE, N_("Book outside hours, on closed days, without the qualification"), _USED),
    (OVERBOOK, N_("Book where a provider or a room is taken"), _USED),
    ("Appointment Request Approve", N_("Approve appointment requests"), _USED),
    ("Calendar Event Update", N_("Add, move and remove calendar events"), _USED),
    ("Undo Others", N_("Undo what somebody else did"), _USED),
    ("History Show", N_("Read the history of everything"), _USED),
    ("Hours Update", N_("Change work hours, absences and opening hours"), _USED),
    ("Setting Update", N_("Change the settings of the organisation"), _USED),
    ("Role Update", N_("Change what each role may do"), _USED),
    ("Token Update", N_("Give and withdraw access for other programs"), _USED),
    ("Backup", N_("Save and restore a backup")),
    ("Statistics Show", N_("See the figures of the clinic")),
    ("Alert Show", N_("See the medical alerts of patients"), _USED),
    ("Consent Paper Form", N_("Record consent that was signed on paper"), _USED),
    ("Contact Share", N_("Register a patient who shares the contact of another"), _USED),
    ("Traffic Channel Update", N_("Choose what each partner may book")),
    ("Partner booking", N_("Book for a partner at another institution")),
)


def _catalogue() -> Iterable[Permission]:
    for group, entries in _DOCUMENT.items():
        for name, guards, *used in entries:
            yield Permission(name, group, guards, bool(used))
    for name, guards, *used in _OWN:
        yield Permission(name, _OWN_GROUP, guards, bool(used))


CATALOGUE: Final[tuple[Permission, ...]] = tuple(_catalogue())
"""Every permission, group by group, as the page of roles lists them."""

BY_NAME: Final[Mapping[str, Permission]] = MappingProxyType({p.name: p for p in CATALOGUE})

DOCUMENT: Final[tuple[str, ...]] = tuple(p.name for p in CATALOGUE if p.group != _OWN_GROUP)
"""The 78 names of the document."""

OWN: Final[tuple[str, ...]] = tuple(p.name for p in CATALOGUE if p.group == _OWN_GROUP)
"""The names of the group "Clinic Desk"."""

ALL: Final[tuple[str, ...]] = DOCUMENT + OWN
"""Every name."""

_LOOK = {"Location Get All", "Location Show", "Service Get All", "Service Show", "Alert Show"}

_FRONT_DESK = _LOOK | {
    "Appointment Get All",
    "Appointment Show",
    "Appointment Create",
    "Appointment Cancel",
    "Appointment Change Location",
    "Appointment Chat",
    "Appointment Download Report",
    "Appointment Email Report",
    "Appointment Update",
    "Search Customer Index",
    "Customer Get All",
    "Customer Show",
    "Customer Create",
    "Customer Update",
    "Customer Update All",
    "Payment Get All",
    "Payment Show",
    "Payment Create",
    "Payment Change Status",
    "Payment Update",
    "Triage Form Get",
    "Triage Form Show",
    "User Get All",
    "User Update",
    "Form Category Get All",
    "Form Category Show",
    "Consent Get Consented",
    "Consent Take",
    "Consent Verify",
}

_SCHEDULER = _FRONT_DESK | {
    "Appointment Reject",
    "Appointment Update Triage",
    "Appointment Referral Get All",
    "Appointment Referral Show",
    "Appointment Referral Create",
    "Import Customer Get All",
    "Import Customer Upload",
    "Exam Get All",
    "Exam Create",
    "Exam Cancel",
    "Appointment Request Approve",
    "Calendar Event Update",
    "Contact Share",
    "Statistics Show",
    OVERRIDE,
    OVERBOOK,
}

_CLINICAL = {
    name
    for name in DOCUMENT
    if name.startswith(
        (
            "Triage Form",
            "Exam",
            "Charting",
            "Procedure",
            "Medical",
            "Approval Questionnaire",
            "Appointment Referral",
        )
    )
}

_PROVIDER = (
    _LOOK
    | {name for name in _CLINICAL if not name.endswith("Update All")}
    | {
        "Procedure Update / Update All",
        "Appointment Referral Update / Update All",
        "Appointment Get All",
        "Appointment Show",
        "Appointment Update",
        "Appointment Chat",
        "Appointment Download Report",
        "Appointment Update Triage",
        "Search Customer Index",
        "Customer Get All",
        "Customer Show",
        "Customer Update",
        "User Get All",
        "User Update",
        "Form Category Get All",
        "Form Category Show",
        "Form Category Create",
        "Form Category Update",
        "Calendar Event Update",
    }
)

_DIRECTOR = (
    _SCHEDULER
    | _CLINICAL
    | {
        "Location Update All",
        "Service Update All",
        "User Show",
        "Hours Update",
        "History Show",
        "Undo Others",
        "Payment Update All",
        "Form Category Create",
        "Form Category Update",
        "Form Category Update All",
        "Form Category Get Master List",
        "Consent Paper Form",
        "Traffic Channel Update",
    }
)

_ASSISTANT = set(ALL) - {"Role Update", "Token Update", "Backup", "Partner booking"}

ROLES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        N_("System Administrator"): frozenset(ALL),
        N_("Assistant System Administrator"): frozenset(_ASSISTANT),
        N_("Clinical Director"): frozenset(_DIRECTOR),
        N_("Scheduler"): frozenset(_SCHEDULER),
        N_("Provider"): frozenset(_PROVIDER),
        N_("Front Desk"): frozenset(_FRONT_DESK),
        # A partner sees when somebody is free, never a patient of the clinic's own.
        N_("Partner"): frozenset(
            {
                "Location Get All",
                "Service Get All",
                "Customer Create",
                "User Update",
                "Partner booking",
            }
        ),
    }
)
"""The shipped roles and their sets. An organisation may change them and add its own."""

APPROVERS: Final = frozenset(
    {
        "System Administrator",
        "Assistant System Administrator",
        "Clinical Director",
        "Scheduler",
    }
)
"""The roles whose holders may be ticked to approve appointment requests."""

TICKED: Final = frozenset({"Appointment Request Approve", "Appointment Reject"})
"""A person needs “Approvals” ticked on the page Staff for these, besides a role that has them."""


def may_be_ticked(role: str, names: Collection[str]) -> bool:
    """Whether holders of the role called *role* with the permissions *names* may be ticked: those
    of the four shipped roles, and of a clinic's own ones made after them.
    """
    return role in APPROVERS or (role not in ROLES and not TICKED.isdisjoint(names))


def unknown(names: Iterable[str]) -> frozenset[str]:
    """Those of *names* that are no permission: from a newer program, or misspelt."""
    return frozenset(names) - BY_NAME.keys()


def granted(names: Collection[str]) -> frozenset[str]:
    """What a role with *names* really grants today: the known ones whose feature exists."""
    return frozenset(n for n in names if n in BY_NAME and BY_NAME[n].in_use)
