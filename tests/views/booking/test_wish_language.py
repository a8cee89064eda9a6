"""The command line understands when something is meant, in all seven languages."""

from __future__ import annotations

from datetime import date

import pytest

from clinic_desk import i18n
from clinic_desk.rules.wish_words import AFTER_NOON, AFTERNOON, EVENING, MORNING, WHOLE_DAY, read
from clinic_desk.views.booking import wish_language

FRIDAY = date(2031, 5, 16)
TUE, SAT, SUN, MON = date(2031, 5, 20), date(2031, 5, 17), date(2031, 5, 18), date(2031, 5, 19)
NEXT_SUN = date(2031, 5, 25)
THEN = date(2031, 6, 6), date(2031, 6, 12)


@pytest.mark.parametrize(
    ("tag", "text", "first", "last", "minutes"),
    [
        ("de", "di nachmittag", TUE, TUE, AFTERNOON),
        ("de", "am Dienstag vorm", TUE, TUE, MORNING),
        ("de", "dienstag morgen", TUE, TUE, MORNING),
        ("de", "morgen", SAT, SAT, WHOLE_DAY),
        ("de", "morgen früh", SAT, SAT, MORNING),
        ("de", "übermorgen", SUN, SUN, WHOLE_DAY),
        ("de", "nächste Woche", MON, NEXT_SUN, WHOLE_DAY),
        ("de", "nächsten di", TUE, TUE, WHOLE_DAY),
        ("de", "in drei Wochen", *THEN, WHOLE_DAY),
        ("de", "ab montag", MON, None, WHOLE_DAY),
        ("de", "20. mai", TUE, TUE, WHOLE_DAY),
        ("de", "nach 15 uhr", FRIDAY, None, (900, 1440)),
        ("fr", "mar apres-midi", TUE, TUE, AFTERNOON),
        ("fr", "demain soir", SAT, SAT, EVENING),
        ("fr", "après-demain", SUN, SUN, WHOLE_DAY),
        ("fr", "la semaine prochaine", MON, NEXT_SUN, WHOLE_DAY),
        ("fr", "mardi prochain", TUE, TUE, WHOLE_DAY),
        ("fr", "dans 3 semaines", *THEN, WHOLE_DAY),
        ("es", "martes por la tarde", TUE, TUE, AFTERNOON),
        ("es", "mañana por la mañana", SAT, SAT, MORNING),
        ("es", "pasado mañana", SUN, SUN, WHOLE_DAY),
        ("es", "la semana que viene", MON, NEXT_SUN, WHOLE_DAY),
        ("es", "en 3 semanas", *THEN, WHOLE_DAY),
        ("pt_BR", "terça-feira à tarde", TUE, TUE, AFTERNOON),
        ("pt_BR", "amanhã de manhã", SAT, SAT, MORNING),
        ("pt_BR", "depois de amanhã", SUN, SUN, WHOLE_DAY),
        ("pt_BR", "semana que vem", MON, NEXT_SUN, WHOLE_DAY),
        ("pt_BR", "em 3 semanas", *THEN, WHOLE_DAY),
        ("hu", "kedden du", TUE, TUE, AFTERNOON),
        ("hu", "holnap reggel", SAT, SAT, MORNING),
        ("hu", "holnapután", SUN, SUN, WHOLE_DAY),
        ("hu", "jövő héten", MON, NEXT_SUN, WHOLE_DAY),
        ("hu", "jövő kedd", TUE, TUE, WHOLE_DAY),
        ("hu", "3 hét múlva", *THEN, WHOLE_DAY),
        ("ar", "الثلاثاء مساء", TUE, TUE, AFTER_NOON),
        ("ar", "غدا صباحا", SAT, SAT, MORNING),
        ("ar", "بعد غد", SUN, SUN, WHOLE_DAY),
        ("ar", "الأسبوع القادم", MON, NEXT_SUN, WHOLE_DAY),
        ("ar", "ثلاثاء القادم", TUE, TUE, WHOLE_DAY),
        ("ar", "بعد 3 أسابيع", *THEN, WHOLE_DAY),
        ("de", "tue pm", TUE, TUE, AFTER_NOON),
        ("ar", "next week", MON, NEXT_SUN, WHOLE_DAY),
    ],
)
def test_days_are_said_as_people_say_them(tag, text, first, last, minutes):
    i18n.set_language(tag)

    when, rest = read(f"{text} smith", FRIDAY, wish_language.spoken())

    assert (when.first, when.last, when.minutes, rest) == (first, last, minutes, ("smith",))


@pytest.mark.parametrize("tag", ["en_US", "de", "fr", "es", "pt_BR", "hu", "ar"])
def test_every_weekday_is_known_by_its_full_and_its_short_name(tag):
    i18n.set_language(tag)
    days = i18n.locale().days["stand-alone"]
    known = wish_language.spoken()
    for number in range(7):
        for width in ("wide", "abbreviated"):
            if len(days[width][number]) < 2:  # a letter is as good as any other
                continue
            when, rest = read(days[width][number], FRIDAY, known)
            assert rest == (), days[width][number]
            assert when.first.weekday() == number
