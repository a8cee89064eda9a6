"""How the section Patients says things."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from clinic_desk import i18n
from clinic_desk.i18n import _, ngettext
from clinic_desk.services.patient_cards import Likeness, SimilarPatient
from clinic_desk.views import words

if TYPE_CHECKING:
    from clinic_desk.services.patient_merge import Merging


def captions() -> dict[str, str]:
    """What the fields of a patient are called, in the order of the form."""
    return {
        "last_name": _("Last name"),
        "first_name": _("First name"),
        "date_of_birth": _("Date of birth"),
        "gender": _("Gender"),
        "phone": _("Phone"),
        "email": _("E-mail"),
        "national_id": _("National identifier"),
        "address": _("Address"),
        "postcode": _("Postcode"),
        "city": _("City"),
        "country": _("Country"),
        "language": _("Language"),
        "preferred_provider_id": _("Preferred provider"),
        "alert": _("Alert"),
        "medical_alert": _("Medical alert"),
        "guardian_name": _("Guardian"),
        "guardian_relation": _("Relation"),
        "guardian_phone": _("Guardian's phone"),
        "guardian_email": _("Guardian's e-mail"),
    }


def value(name: str, stored: Any) -> str:
    """A stored field of a patient as people read it; empty where there is nothing."""
    if stored is None or stored == "":
        return ""
    if isinstance(stored, bool):
        return _("yes") if stored else _("no")
    if name == "date_of_birth":
        born = stored if isinstance(stored, date) else date.fromisoformat(str(stored))
        return words.day_numbers(born)
    if name == "gender":
        return gender(str(stored))
    if name == "country":
        return country(str(stored))
    if name == "language":
        return str(i18n.locale().languages.get(str(stored).partition("_")[0], stored))
    if name == "merged_into_id":
        return _("another record")
    return str(stored)


def deeds() -> dict[str, str]:
    """What the deeds are called that change a patient's record."""
    return {
        "patient.create": _("Registered"),
        "patient.change": _("Changed"),
        "patient.import": _("Imported"),
        "patient.merge": _("Merged"),
        "patient.unmerge": _("Merge taken back"),
        "patient.keys": _("Made findable"),
        "care.add": _("Care team"),
        "care.remove": _("Care team"),
        "note.write": _("Note written"),
        "note.change": _("Note changed"),
        "document.begin": _("Document added"),
        "document.add": _("Document added"),
        "document.remove": _("Document removed"),
        "consent.agree": _("Registered with consent"),
        "consent.paper": _("Registered with a signed form"),
        "undo": _("Undone"),
    }


def genders() -> list[tuple[str, str]]:
    """What can be chosen, and what is stored."""
    return [("", "–"), ("female", _("Female")), ("male", _("Male")), ("other", _("Other"))]


def gender(stored: str) -> str:
    """A stored gender as the user says it."""
    return dict(genders()).get(stored, stored) if stored else ""


def countries() -> list[tuple[str, str]]:
    """All countries by their names here."""
    territories = i18n.locale().territories
    found = [(c, n) for c, n in territories.items() if len(c) == 2 and c.isalpha() and c != "ZZ"]
    return [("", "–"), *sorted(found, key=lambda pair: pair[1])]


def languages() -> list[tuple[str, str]]:
    """All languages of people by their names here; those that the program speaks come first."""
    known = i18n.locale().languages
    spoken = {tag.partition("_")[0]: tag for tag in reversed(i18n.available())}
    ours = [(tag, str(known.get(short, tag))) for short, tag in spoken.items()]
    others = [(c, str(n)) for c, n in known.items() if len(c) == 2 and c not in spoken]
    return [("", "–"), *sorted(ours, key=_by_name), *sorted(others, key=_by_name)]


def _by_name(pair: tuple[str, str]) -> str:
    return pair[1].casefold()


def country(code: str) -> str:
    """The name of a country."""
    return str(i18n.locale().territories.get(code, code)) if code else ""


def age(born: date, today: date) -> int:
    """Whole years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def born_and_age(born: date | None, today: date) -> str:
    """ "04/12/1986 (40)"."""
    if born is None:
        return ""
    return _("{day} ({years})").format(day=words.day_numbers(born), years=age(born, today))


def similar(found: SimilarPatient) -> str:
    """Who it may be, and why one thinks so."""
    because = {
        Likeness.NATIONAL: _("same identifier"),
        Likeness.BORN: _("same birth date"),
        Likeness.NAME: _("similar name"),
        Likeness.EMAIL: _("same e-mail"),
        Likeness.PHONE: _("same phone"),
    }
    why = ", ".join(text for kind, text in because.items() if kind in found.likeness)
    return _("{patient}: {why}").format(patient=words.patient(found.patient), why=why)


def number(count: int) -> str:
    """A count in the digits of the language."""
    return i18n.number_text(count)


def moved(merging: Merging) -> list[str]:
    """What hangs on a record, counted."""
    counted = (
        (
            merging.appointments,
            ngettext("{count} appointment", "{count} appointments", merging.appointments),
        ),
        (merging.cases, ngettext("{count} case", "{count} cases", merging.cases)),
        (merging.notes, ngettext("{count} note", "{count} notes", merging.notes)),
        (merging.documents, ngettext("{count} document", "{count} documents", merging.documents)),
    )
    return [text.format(count=number(count)) for count, text in counted if count]


def size(count: int) -> str:
    """A length in bytes as people say it."""
    if count < 1024 * 1024:
        return _("{count} kB").format(count=i18n.number_text(max(1, round(count / 1024))))
    return _("{count} MB").format(count=i18n.number_text(round(count / 1024 / 1024, 1)))


def missed(count: int) -> str:
    """ "2 missed"."""
    return ngettext("{count} missed", "{count} missed", count).format(count=number(count))


def gone(count: int) -> str:
    """ "3 cancelled or declined"."""
    return ngettext("{count} cancelled or declined", "{count} cancelled or declined", count).format(
        count=number(count)
    )
