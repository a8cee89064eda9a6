"""The user's language: texts, plural forms, dates and times, and languages for testing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from babel import Locale, localedata
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from hypothesis import given
from hypothesis import strategies as st

from clinic_desk import config, i18n
from clinic_desk.rules.errors import Invalid, NotAllowed
from clinic_desk.rules.spans import Span

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 5, 19)
VISIT = Span.lasting(datetime(2026, 5, 19, 7, 0, tzinfo=UTC), 45)


@pytest.fixture(autouse=True)
def the_language_afterwards() -> Iterator[None]:
    before = i18n.language()
    yield
    i18n.set_language(before)
    i18n.forget_catalogues()


@pytest.fixture
def small_catalogues(tmp_path, monkeypatch):
    """Two languages with two texts, in a resources folder of their own."""
    for language, one, many in (
        ("de", "Behalten", ("{n} Termin", "{n} Termine")),
        ("pt_BR", "Manter", ("{n} consulta", "{n} consultas")),
    ):
        texts = Catalog(locale=language)
        texts.add("Keep", one)
        texts.add(("{n} visit", "{n} visits"), many)
        texts.add("Open", "Öffnen", context="verb")
        file = tmp_path / "locale" / language / "LC_MESSAGES" / "clinic_desk.mo"
        file.parent.mkdir(parents=True)
        with file.open("wb") as stream:
            write_mo(stream, texts)
    monkeypatch.setattr(i18n, "resources_folder", lambda: tmp_path)
    i18n.forget_catalogues()


def test_a_text_without_translation_is_shown_in_english():
    i18n.set_language("xx")

    assert i18n._("Nobody translated this") == "Nobody translated this"


def test_the_empty_text_never_shows_the_header_of_a_catalogue(small_catalogues):
    i18n.set_language("de")

    assert i18n._("") == ""


def test_texts_and_plurals_follow_the_language(small_catalogues):
    i18n.set_language("de")

    assert i18n._("Keep") == "Behalten"
    assert i18n.ngettext("{n} visit", "{n} visits", 1) == "{n} Termin"
    assert i18n.ngettext("{n} visit", "{n} visits", 2) == "{n} Termine"
    assert i18n.pgettext("verb", "Open") == "Öffnen"
    assert i18n.pgettext("adjective", "Open") == "Open"


def test_a_region_without_catalogue_speaks_its_language(small_catalogues):
    i18n.set_language("de_CH")

    assert i18n._("Keep") == "Behalten"
    assert i18n.number_text(12345.5) == "12’345.5"


def test_the_systems_wish_is_met_as_far_as_we_can(small_catalogues):
    assert i18n.available() == ("en", "de", "pt_BR")
    assert i18n.best(["de-AT", "en"]) == "de_AT"
    assert i18n.best(["pt-PT"]) == "pt_BR"
    assert i18n.best(["sv-SE", "pt_BR"]) == "pt_BR"
    assert i18n.best(["en-GB", "de"]) == "en_GB"
    assert i18n.best(["sv"]) == "en"


def test_a_mail_may_speak_another_language_than_the_window(small_catalogues):
    heard: list[str] = []

    i18n.set_language("de")
    with i18n.speaking("en"):
        heard.append(i18n._("Keep"))
        other = threading.Thread(target=lambda: heard.append(i18n._("Keep")))
        other.start()
        other.join()
    heard.append(i18n._("Keep"))

    assert heard == ["Keep", "Behalten", "Behalten"]


def test_every_language_names_itself():
    assert [i18n.name_of(tag) for tag in ("de", "pt_BR", "ar")] == [
        "Deutsch",
        "português (Brasil)",
        "العربية",
    ]


@pytest.mark.parametrize(
    ("tag", "day", "at", "first", "twelve"),
    [
        ("en", "May 19, 2026", "3:05\u202fPM", 6, True),
        ("en_GB", "19 May 2026", "15:05", 0, False),
        ("de", "19.05.2026", "15:05", 0, False),
        ("fr", "19 mai 2026", "15:05", 0, False),
        ("pt_BR", "19 de mai. de 2026", "15:05", 6, False),
        ("hu", "2026. máj. 19.", "15:05", 0, False),
    ],
)
def test_days_and_times_are_written_as_the_country_writes_them(tag, day, at, first, twelve):
    i18n.set_language(tag)

    assert i18n.date_text(DAY) == day
    assert i18n.time_text(time(15, 5)) == at
    assert i18n.first_weekday() == first
    assert i18n.has_twelve_hours() is twelve


def test_weeks_begin_on_saturday_in_arabic_and_text_runs_to_the_left():
    i18n.set_language("ar")

    assert i18n.first_weekday() == 5
    assert i18n.is_right_to_left()
    assert not i18n.is_right_to_left("de")


def test_an_instant_is_shown_in_the_zone_that_is_asked_for():
    i18n.set_language("de")

    assert i18n.time_text(VISIT.starts_at, BERLIN) == "09:00"
    assert i18n.span_text(VISIT, BERLIN) == "Di., 19. Mai, 09:00–09:45"


def test_a_span_over_midnight_names_both_days():
    i18n.set_language("en_GB")
    night = Span.lasting(datetime(2026, 5, 19, 21, 30, tzinfo=UTC), 60)

    assert i18n.span_text(night, BERLIN) == "Tue 19 May, 23:30 – Wed 20 May, 00:30"


def test_the_label_of_minute_1440_is_midnight():
    i18n.set_language("de")

    assert i18n.minute_text(1440) == i18n.minute_text(0) == "00:00"


def test_an_error_is_told_with_its_way_out_and_its_values_as_the_country_writes_them():
    i18n.set_language("de")
    error = Invalid(
        "span", "{span} lies before {day}, {count} times", span=VISIT, day=DAY, count=1234
    )

    said = i18n.localised(error, BERLIN)

    assert said == "Di., 19. Mai, 09:00–09:45 lies before 19.05.2026, 1.234 times"
    assert i18n.localised(NotAllowed("Backup")).endswith(i18n._(NotAllowed.way_out))


def test_the_long_language_is_longer_and_keeps_the_places_in_a_sentence():
    i18n.set_language("en_XA")

    said = i18n._("Moved to {time} by {who}")

    assert len(said) > 1.3 * len("Moved to {time} by {who}")
    assert said.format(time="9:00", who="Ada").count("9:00") == 1
    assert not i18n.is_right_to_left()


def test_the_mirrored_language_runs_to_the_left_and_keeps_the_places_in_a_sentence():
    i18n.set_language("ar_XB")

    said = i18n._("Moved to {time}")

    assert i18n.is_right_to_left()
    assert "{time}" in said.split()
    assert "\u202eMoved\u202c" in said


@given(st.text(st.characters(codec="utf-8", exclude_characters="{}<>&"), max_size=60))
def test_the_pseudo_languages_can_show_any_text(text):
    assert i18n._lengthened(text).format() == i18n._lengthened(text)
    assert i18n._mirrored(text).replace("\u202e", "").replace("\u202c", "") == text.replace(
        "\u202e", ""
    ).replace("\u202c", "")


def test_a_language_that_was_never_heard_of_is_shown_like_english():
    i18n.set_language("qqq")

    assert i18n.date_text(DAY) == "May 19, 2026"
    assert config.checked_language("zh-hant-tw") == "zh_Hant_TW"


def test_a_name_of_another_script_does_not_turn_the_sentence() -> None:
    with i18n.speaking("ar"):
        assert i18n.filled("{provider}", {"provider": "Dr Chen"}) == "\u2068Dr Chen\u2069"
    with i18n.speaking("en"):
        assert i18n.filled("{provider}", {"provider": "Dr Chen"}) == "Dr Chen"
        assert i18n.filled("{patient}", {"patient": "לוי"}) == "\u2068לוי\u2069"


def test_the_direction_of_every_language_is_as_babel_has_it() -> None:
    for tag in localedata.locale_identifiers():
        wanted = Locale.parse(tag).character_order == "right-to-left"
        assert i18n.is_right_to_left(tag) == wanted, tag
    assert i18n.is_right_to_left("ar-EG")
    assert not i18n.is_right_to_left("pt-BR")


SPOKEN = sorted(
    tag
    for tag in localedata.locale_identifiers()
    if tag.partition("_")[0] in {name.partition("_")[0] for name in i18n.available()}
)


@given(
    tag=st.sampled_from([*i18n.available(), i18n.LONG, i18n.MIRRORED, *SPOKEN]),
    day=st.dates(date(1926, 5, 20), DAY),
)
def test_a_day_is_read_back_as_it_is_shown(tag, day):
    from clinic_desk.views import words

    with i18n.speaking(tag):
        for shown in (i18n.date_text(day, "short"), words.day_numbers(day), day.isoformat()):
            assert i18n.day_typed(shown, DAY) == day, shown


@pytest.mark.parametrize(
    ("tag", "text", "day"),
    [
        ("en", "3/5/1990", date(1990, 3, 5)),
        ("en", "4/12/86", date(1986, 4, 12)),
        ("en", "5/19/26", DAY),
        ("en", "5/20/26", date(1926, 5, 20)),
        ("en_GB", "3/5/1990", date(1990, 5, 3)),
        ("en", "04.12.1986", date(1986, 12, 4)),
        ("en", "25/4/1986", date(1986, 4, 25)),
        ("de", "12.4.86", date(1986, 4, 12)),
        ("hu", "12.4.1986", date(1986, 4, 12)),
        ("en", "soon", None),
    ],
)
def test_a_day_is_read_in_the_order_of_the_language(tag, text, day):
    with i18n.speaking(tag):
        assert i18n.day_typed(text, DAY) == day


def test_a_refusal_says_in_the_readers_words_what_it_is_that_one_may_not_do() -> None:
    error = NotAllowed("Appointment Create")
    assert str(error).startswith("You may not do this: Book an appointment (permission “")

    i18n.set_language("de")
    assert i18n.filled("{what}: {permission}", error.params) == (
        f"{i18n._('Book an appointment')}: Appointment Create"
    )
    assert i18n._("Book an appointment") != "Book an appointment"
