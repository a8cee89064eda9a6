"""How the section Patients says things."""

from __future__ import annotations

from datetime import date

from clinic_desk import i18n
from clinic_desk.i18n import _, ngettext
from clinic_desk.services.patient_cards import Likeness, SimilarPatient
from clinic_desk.views import words


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


def size(count: int) -> str:
    """A length in bytes as people say it."""
    if count < 1024 * 1024:
        return _("{count} kB").format(count=i18n.number_text(max(1, round(count / 1024))))
    return _("{count} MB").format(count=i18n.number_text(round(count / 1024 / 1024, 1)))


def visits(count: int) -> str:
    """ "3 appointments"."""
    return ngettext("{count} appointment", "{count} appointments", count).format(count=count)
