"""How people say when, in the seven languages: the words that the command line understands.

What calendars know by themselves (names of weekdays, words of the catalogues) is added by the
face; here is what only people say. Words are compared folded, so accents, case, hyphens and
apostrophes do not matter; several words stand for a phrase.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from clinic_desk.rules.fold import key

Said = Collection[str]

_LEAST_TO_GUESS = 4
_ALIKE = 0.74

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)


@dataclass(frozen=True)
class Words:
    """The words of a language, in any spelling: weekdays (0 = Monday) to their names, units
    (``day``, ``week``, ``month``), parts of the day (``morning``, ``noon``, ``afternoon``,
    ``evening``), months (1 = January), numbers, and single words. ``next`` stands before a
    weekday or unit, ``following`` after it; ``within`` before a number and a unit, ``later``
    after them; ``since`` and ``until`` before a weekday or clock time; ``fillers`` say nothing
    by themselves. ``month_first``: "5/6" is the sixth of May.
    """

    weekdays: Mapping[int, Said] = field(default_factory=dict)
    units: Mapping[str, Said] = field(default_factory=dict)
    parts: Mapping[str, Said] = field(default_factory=dict)
    months: Mapping[int, Said] = field(default_factory=dict)
    numbers: Mapping[int, Said] = field(default_factory=dict)
    today: Said = ()
    tomorrow: Said = ()
    after_tomorrow: Said = ()
    weekend: Said = ()
    soon: Said = ()
    next: Said = ()
    following: Said = ()
    this: Said = ()
    within: Said = ()
    later: Said = ()
    since: Said = ()
    until: Said = ()
    oclock: Said = ()
    fillers: Said = ()
    month_first: bool = False


ENGLISH = Words(
    weekdays={n: (name, name[:3]) for n, name in enumerate(_WEEKDAYS)}
    | {2: ("wednesday", "wed", "weds")},
    units={
        "day": ("day", "days", "d"),
        "week": ("week", "weeks", "w"),
        "month": ("month", "months", "m"),
    },
    parts={
        "morning": ("am", "morning", "mornings"),
        "noon": ("pm",),
        "afternoon": ("afternoon", "afternoons"),
        "evening": ("evening", "evenings"),
    },
    months={n: (name,) for n, name in enumerate(_MONTHS, 1)},
    numbers={1: ("a", "one"), 2: ("two",), 3: ("three",), 4: ("four",), 6: ("six",)},
    today=("today",),
    tomorrow=("tomorrow", "tmrw"),
    after_tomorrow=("day after tomorrow", "the day after tomorrow"),
    weekend=("weekend",),
    soon=("asap", "soonest", "as soon as possible"),
    next=("next",),
    this=("this",),
    within=("in", "within"),
    since=("from", "after", "since"),
    until=("before", "until", "till"),
    oclock=("o'clock", "oclock"),
    fillers=("on", "at", "in", "the"),
)

TONGUES: Mapping[str, Words] = {
    "de": Words(
        units={
            "day": ("tag", "tage", "tagen"),
            "week": ("woche", "wochen"),
            "month": ("monat", "monate", "monaten"),
        },
        parts={
            "morning": ("morgens", "früh", "vormittag", "vormittags", "vorm", "morgen"),
            "afternoon": ("nachmittag", "nachmittags", "nachm", "mittags"),
            "evening": ("abend", "abends"),
        },
        numbers={1: ("einem", "einer", "ein", "eine"), 2: ("zwei",), 3: ("drei",), 4: ("vier",)},
        today=("heute",),
        tomorrow=("morgen",),
        after_tomorrow=("übermorgen",),
        weekend=("wochenende",),
        soon=("baldmöglichst", "sobald wie möglich"),
        next=("nächste", "nächsten", "nächster", "nächstes", "kommende", "kommenden"),
        this=("diese", "diesen", "dieser", "dieses"),
        within=("in",),
        since=("ab", "nach"),
        until=("vor", "bis"),
        oclock=("uhr",),
        fillers=("am", "um", "im", "der", "den"),
    ),
    "fr": Words(
        units={
            "day": ("jour", "jours"),
            "week": ("semaine", "semaines"),
            "month": ("mois",),
        },
        parts={
            "morning": ("matin", "matinée"),
            "afternoon": ("après-midi", "aprèm", "apm"),
            "evening": ("soir", "soirée"),
        },
        numbers={1: ("un", "une"), 2: ("deux",), 3: ("trois",), 4: ("quatre",)},
        today=("aujourd'hui",),
        tomorrow=("demain",),
        after_tomorrow=("après-demain",),
        weekend=("week-end",),
        soon=("au plus tôt", "dès que possible"),
        next=("prochain", "prochaine"),
        following=("prochain", "prochaine", "suivant", "suivante", "qui vient"),
        this=("ce", "cet", "cette"),
        within=("dans",),
        since=("après", "dès", "à partir de"),
        until=("avant", "jusqu'à"),
        oclock=("h", "heures", "heure"),
        fillers=("à", "le", "la", "l'", "en", "au"),
    ),
    "es": Words(
        units={
            "day": ("día", "días"),
            "week": ("semana", "semanas"),
            "month": ("mes", "meses"),
        },
        parts={
            "morning": ("mañana", "por la mañana", "de la mañana"),
            "afternoon": ("tarde", "por la tarde", "de la tarde"),
            "evening": ("noche", "por la noche"),
        },
        numbers={1: ("un", "una"), 2: ("dos",), 3: ("tres",), 4: ("cuatro",)},
        today=("hoy",),
        tomorrow=("mañana",),
        after_tomorrow=("pasado mañana",),
        weekend=("fin de semana",),
        soon=("cuanto antes", "lo antes posible"),
        next=("próximo", "próxima"),
        following=("próximo", "próxima", "que viene", "siguiente"),
        this=("este", "esta"),
        within=("en", "dentro de"),
        since=("desde", "después de", "a partir de"),
        until=("antes de", "hasta"),
        oclock=("h", "horas"),
        fillers=("a", "las", "la", "el", "en"),
    ),
    "pt_BR": Words(
        units={
            "day": ("dia", "dias"),
            "week": ("semana", "semanas"),
            "month": ("mês", "meses"),
        },
        parts={
            "morning": ("manhã", "de manhã", "pela manhã"),
            "afternoon": ("tarde", "à tarde", "de tarde"),
            "evening": ("noite", "à noite"),
        },
        numbers={1: ("um", "uma"), 2: ("dois", "duas"), 3: ("três",), 4: ("quatro",)},
        today=("hoje",),
        tomorrow=("amanhã",),
        after_tomorrow=("depois de amanhã",),
        weekend=("fim de semana",),
        soon=("o quanto antes",),
        next=("próximo", "próxima"),
        following=("próximo", "próxima", "que vem", "seguinte"),
        this=("este", "esta", "nesta"),
        within=("em", "daqui a", "dentro de"),
        since=("depois de", "depois das", "após", "a partir de"),
        until=("antes de", "antes das", "até"),
        oclock=("h", "horas"),
        fillers=("às", "na", "no", "a", "em"),
    ),
    "hu": Words(
        weekdays={
            0: ("hétfőn",),
            1: ("kedden",),
            2: ("szerdán", "sze"),
            3: ("csütörtökön", "csüt"),
            4: ("pénteken",),
            5: ("szombaton",),
            6: ("vasárnap",),
        },
        units={
            "day": ("nap", "napon", "napot"),
            "week": ("hét", "héten", "hetet"),
            "month": ("hónap", "hónapban"),
        },
        parts={
            "morning": ("de", "délelőtt", "reggel"),
            "afternoon": ("du", "délután"),
            "evening": ("este",),
        },
        numbers={1: ("egy",), 2: ("két", "kettő"), 3: ("három",), 4: ("négy",)},
        today=("ma",),
        tomorrow=("holnap",),
        after_tomorrow=("holnapután",),
        weekend=("hétvége", "hétvégén"),
        soon=("mielőbb", "minél előbb"),
        next=("jövő", "következő"),
        this=("ezen a", "ez a", "ezen"),
        later=("múlva",),
        oclock=("óra", "órakor"),
        fillers=("a", "az"),
    ),
    "ar": Words(
        weekdays={
            0: ("الإثنين", "اثنين"),
            1: ("ثلاثاء",),
            2: ("أربعاء",),
            3: ("خميس",),
            4: ("جمعة",),
            5: ("سبت",),
            6: ("أحد",),
        },
        units={
            "day": ("يوم", "أيام", "يومين"),
            "week": ("أسبوع", "الأسبوع", "أسابيع", "أسبوعين"),
            "month": ("شهر", "الشهر", "أشهر", "شهرين"),
        },
        parts={
            "morning": ("صباح", "صباحا", "الصباح", "في الصباح"),
            "noon": ("بعد الظهر", "ظهرا", "الظهر"),
            "evening": ("مساء", "المساء", "في المساء"),
        },
        numbers={2: ("اثنين",), 3: ("ثلاثة",), 4: ("أربعة",)},
        today=("اليوم",),
        tomorrow=("غدا", "بكرة", "غد"),
        after_tomorrow=("بعد غد", "بعد الغد", "بعد بكرة"),
        weekend=("نهاية الأسبوع",),
        soon=("في أقرب وقت",),
        following=("القادم", "المقبل", "القادمة", "المقبلة", "التالي"),
        this=("هذا", "هذه"),
        within=("بعد", "خلال"),
        since=("من", "ابتداء من"),
        until=("قبل", "حتى"),
        fillers=("يوم", "في", "الساعة"),
    ),
}
"""By the tag of the language; English is always understood beside it."""


def slip(word: str, words: Words) -> str:
    """What *word* was perhaps meant to be: the word about time that is most like it, in *words*
    or in English; empty where none is near. Short words are like too many.
    """
    folded = key(word)
    if len(folded) < _LEAST_TO_GUESS:
        return ""
    known = {key(said): said for one in (ENGLISH, words) for said in _vocabulary(one)}
    near = get_close_matches(folded, known, n=1, cutoff=_ALIKE)
    return known[near[0]] if near and near[0] != folded else ""


def _vocabulary(words: Words) -> list[str]:
    """All that stands for a time in *words*."""
    shelves = [*words.weekdays.values(), *words.parts.values(), *words.months.values()]
    single = [words.today, words.tomorrow, words.after_tomorrow, words.weekend, words.next]
    return [said for some in (*shelves, *single) for said in some]
