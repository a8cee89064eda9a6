"""What the columns of other programs' lists are called, in the languages that we speak."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from clinic_desk.rules import fold

_WORDS: Final = {
    "number": "number, no, nr, id, patient id, patient no, patient number, chart number"
    ", customer id"
    " | nummer, patientennummer, patienten nr, kundennummer, kartei nr | numéro, numéro patient,"
    " dossier | número, nº, expediente, historia | código, prontuário, número do paciente"
    " | szám, azonosító, törzsszám, páciens azonosító | رقم, رقم المريض, رقم الملف",
    "last_name": "last name, surname, family name, lastname, last | nachname, familienname, zuname"
    " | nom, nom de famille | apellido, apellidos | sobrenome, apelido"
    " | vezetéknév, családi név, családnév | اسم العائلة, اللقب, الكنية",
    "first_name": "first name, given name, forename, firstname, first | vorname, rufname | prénom,"
    " prenoms | nombre, nombres, nombre de pila | nome, primeiro nome | keresztnév, utónév"
    " | الاسم الأول, الاسم",
    "name": "name, full name, patient, patient name, customer, client | name vorname,"
    " vollständiger name, patient | nom complet, nom et prénom | nombre completo, paciente"
    " | nome completo | név, teljes név, páciens neve | الاسم الكامل, اسم المريض",
    "date_of_birth": "date of birth, birth date, birthday, born, dob, birthdate | geburtsdatum,"
    " geboren, geb, geb datum, geburtstag | date de naissance, naissance, né le, née le"
    " | fecha de nacimiento, nacimiento, f nacimiento | data de nascimento, nascimento"
    " | születési dátum, születési idő, született | تاريخ الميلاد, الميلاد",
    "gender": "gender, sex | geschlecht | sexe, genre | sexo, género | sexo, gênero | nem | الجنس",
    "phone": "phone, telephone, mobile, cell, phone number, mobile phone, primary phone, tel"
    " | telefon, telefonnummer, handy, mobil, mobiltelefon, tel nr | téléphone, portable, mobile"
    " | teléfono, móvil, celular, tel | telefone, celular, telemóvel | telefon, telefonszám, mobil"
    " | الهاتف, رقم الهاتف, الجوال, هاتف",
    "email": "email, e mail, mail, email address, e mail address | e mail adresse, mailadresse"
    " | courriel, adresse e mail, mél | correo, correo electrónico, correo e | e mail, email"
    " | e mail cím, email cím | البريد الإلكتروني, البريد, ايميل",
    "address": "address, street, street address, address line 1 | adresse, straße, anschrift,"
    " strasse hausnummer | adresse, rue | dirección, calle, domicilio | endereço, morada, rua"
    " | cím, utca, lakcím | العنوان, الشارع",
    "postcode": "postcode, zip, zip code, postal code | plz, postleitzahl | code postal, cp"
    " | código postal, cp | cep, código postal | irányítószám, irsz | الرمز البريدي",
    "city": "city, town | ort, stadt, wohnort | ville, localité, commune | ciudad, población,"
    " localidad | cidade, localidade | város, település, helység | المدينة",
    "country": "country | land, staat | pays | país | país | ország | البلد, الدولة",
    "national_id": "national id, ssn, social security number, nhs number, insurance number,"
    " national identifier, id number | svnr, sozialversicherungsnummer, versichertennummer,"
    " sv nummer"
    " | numéro de sécurité sociale, nir, nss | dni, nie, nif, número de seguridad social | cpf,"
    " nif, cartão de cidadão | taj, taj szám | رقم الهوية, الهوية الوطنية, الرقم الوطني",
    "language": "language, preferred language | sprache | langue | idioma | idioma, língua | nyelv"
    " | اللغة",
    "alert": "alert, note, remark, warning | hinweis, bemerkung, warnung | alerte, remarque"
    " | aviso, observaciones, nota | alerta, observação | figyelmeztetés, megjegyzés"
    " | تنبيه, ملاحظة",
    "medical_alert": "medical alert, allergy, allergies | allergie, allergien | allergies"
    " | alergia, alergias | alergia, alergias | allergia, allergiák | حساسية, تنبيه طبي",
    "guardian_name": "guardian, guardian name, parent, responsible party"
    " | erziehungsberechtigter, vormund | tuteur, représentant légal | tutor, padre | responsável,"
    " tutor | gondviselő, törvényes képviselő | ولي الأمر",
    "guardian_phone": "guardian phone, parent phone | telefon erziehungsberechtigter"
    " | téléphone du tuteur | teléfono del tutor | telefone do responsável | gondviselő telefonja"
    " | هاتف ولي الأمر",
    "guardian_email": "guardian email, parent email | e mail erziehungsberechtigter"
    " | courriel du tuteur | correo del tutor | email do responsável | gondviselő e mail címe"
    " | بريد ولي الأمر",
}

FIELDS: Final[tuple[str, ...]] = tuple(_WORDS)
"""What a column can be; ``name`` is a full name in one cell."""


def _known() -> dict[str, str]:
    out: dict[str, str] = {}
    for field, texts in _WORDS.items():
        for text in texts.replace("|", ",").split(","):
            out.setdefault(fold.key(text), field)
    return out


KNOWN: Final = _known()


JUST_NAME: Final = frozenset(map(fold.key, ("name", "nome", "nombre", "név", "الاسم")))
"""Columns that are called "name" and nothing more."""


def matched(header: Sequence[str]) -> tuple[str, ...]:
    """For each column the field that it is, or "" where it is not recognised; each field once,
    the first column that claims it. A column that is just called "name" is the last name beside
    a first name; a full name gives way to first and last name together.
    """
    keys = [fold.key(text).replace("_", " ") for text in header]
    found = [_field(key) for key in keys]
    firsts = {key for key, name in zip(keys, found, strict=True) if name == "first_name"}
    if firsts - JUST_NAME and "last_name" not in found:
        place = next((n for n, key in enumerate(keys) if key in JUST_NAME), None)
        if place is not None:
            found[place] = "last_name"
    out: list[str] = []
    for name in found:
        out.append("" if name in out else name)
    if {"name", "last_name", "first_name"} <= set(out):
        out[out.index("name")] = ""
    if "name" not in out and "last_name" not in out and "first_name" in out:
        # Where one column is the whole name, some languages call it just "name".
        out[out.index("first_name")] = "name"
    return tuple(out)


def _field(key: str) -> str:
    return KNOWN.get(key) or (key.replace(" ", "_") if key.replace(" ", "_") in FIELDS else "")
