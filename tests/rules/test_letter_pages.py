"""Names in one byte a letter, from all over Europe."""

from __future__ import annotations

import pytest

from clinic_desk.rules.letter_pages import page_of

NAMES = {
    "es": "Muñoz;José Íñigo Núñez Martínez;Peña;Agüero Güell;Sánchez",
    "pt": "João;Conceição;Gonçalves Magalhães;Simões;Antônio;Inês;Araújo;Muñoz",
    "fr": "Hélène;François Lefèvre;Benoît;Chloë;Jérôme Crêpe;Anaïs;Noël",
    "de": "Müller;Jörg Weiß;Schäfer;Öllinger;Ägidius;Übel;Hélène",
    "it": "Niccolò;Forlì;Nicolò Cantù",
    "da": "Søren Kjær;Åge Ørsted;Måns",
    "hu": "Őrsi;Erdős;Gyűrűs;Szabó Árpád;Kövér Éva;Müller",
    "pl": "Łukasz Wałęsa;Grażyna Śliwińska;Żółć;Jabłoński;Müller",
    "cs": "Dvořák;Jiří Novotný;Růžena Němcová;Šťastný;Žižka;Müller",
    "hr": "Marić;Đorđević;Kovačić;Šimić;Žužul",
    "ro": "Brâncuşi;Pătraşcu;Nuţă;Ionescu Înălţat",
    "tr": "Ayşe Öztürk;Doğan Yıldız;Çağlar;Şükrü İnönü",
}
EAST = {"hu", "pl", "cs", "hr", "ro"}


@pytest.mark.parametrize("repeat", [1, 50])
@pytest.mark.parametrize("country", ["AT", "US", "ES", "BR"])
@pytest.mark.parametrize("tongue", NAMES)
def test_names_come_through_in_the_encoding_of_their_language(tongue, country, repeat):
    text = (NAMES[tongue] + "\n") * repeat
    page = "windows-1250" if tongue in EAST else "windows-1252"
    page = "windows-1254" if tongue == "tr" else page
    data = ("Name;Straße\n" * (tongue == "de") + text).encode(page)

    found = page_of(data, country)

    assert found is not None
    assert data.decode(found) == data.decode(page)


@pytest.mark.parametrize("name", ["João", "Muñoz", "Hélène", "Zoë", "Fürst", "Núñez", "Noël"])
@pytest.mark.parametrize("country", ["AT", "US", "FR", "HU"])
def test_one_western_name_is_enough(name, country):
    data = f"last name\n{name}\n".encode("windows-1252")

    found = page_of(data, country)

    assert found is not None
    assert name in data.decode(found)


def test_the_country_decides_between_letters_that_two_languages_have():
    data = "name\nČermák\n".encode("windows-1250")

    assert (page_of(data, "CZ"), page_of(data, "FR")) == ("windows-1250", "windows-1252")


def test_polish_of_the_older_kind_is_told_by_its_letters():
    data = "name\nGrażyna Śliwińska Wałęsa Ciąg\n".encode("iso-8859-2")

    assert page_of(data, "AT") == "iso-8859-2"


@pytest.mark.parametrize("page", ["windows-1251", "koi8-r"])
def test_another_script_is_left_to_others(page):
    assert page_of("имя;Иванов;Сергей\n".encode(page), "AT") is None
    assert page_of(b"name\nSmith\n", "AT") is None
