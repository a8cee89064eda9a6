"""Invented people for demo clinics and measurements, with names from many scripts.

Telephone numbers are of the range reserved for fiction (+1-…-555-01xx), mail addresses of
the domains reserved for examples: nobody can be called or written to by mistake.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from clinic_desk.rules import fold


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who could be a patient; ``language`` is what they like to speak."""

    first_name: str
    last_name: str
    gender: str
    born: date
    phone: str
    email: str
    language: str
    alert: str


@dataclass(frozen=True, slots=True)
class _Culture:
    """Given names of women and men, and family names of both (pairs where they differ)."""

    language: str
    weight: int
    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]


def _culture(language: str, weight: int, women: str, men: str, families: str) -> _Culture:
    listed = (tuple(text.split(", ")) for text in (women, men, families))
    return _Culture(language, weight, *listed)


CULTURES = (
    _culture(
        "en",
        30,
        "Emily, Grace, Olivia, Hannah, Ruth, Charlotte, Amelia, Zoe, Naomi, Beth, Siobhan, Imani",
        "James, Daniel, Oliver, Samuel, Henry, Marcus, Theo, Patrick, Ethan, Malik, Owen, Walter",
        "Smith, Johnson, Brown, Taylor, O'Connor, Walker, Hughes, McAllister, Reed, Bennett, Cole,"
        " Washington, Whitfield, Fitzgerald-Moore, Grant, Ellis",
    ),
    _culture(
        "es",
        14,
        "Lucía, María José, Inés, Ángela, Sofía, Begoña, Ximena, Noemí",
        "José, Andrés, Iñaki, Raúl, Sebastián, Tomás, Jesús, Óscar",
        "García, Muñoz, Núñez, Ibáñez, Hernández, Peña, Gutiérrez Álvarez, de la Cruz",
    ),
    _culture(
        "pt",
        6,
        "João Pedra, Conceição, Lúcia, Beatriz, Inês",
        "João, Estêvão, Luís, Mário, Antônio",
        "Gonçalves, Araújo, Conceição, Falcão, dos Santos",
    ),
    _culture(
        "de",
        6,
        "Jürgina, Käthe, Ursula, Anneliese, Frauke",
        "Jürgen, Björn, Götz, Matthias, Rüdiger",
        "Müller, Schäfer, Weiß, Großmann, Böhm, von der Heide",
    ),
    _culture(
        "fr",
        5,
        "Zoé, Hélène, Françoise, Maëlys, Océane",
        "François, Noël, Jérôme, Benoît, Loïc",
        "Lefèvre, Côté, Béranger, d'Aubigné, Desrosiers",
    ),
    _culture(
        "pl",
        5,
        "Łucja, Małgorzata, Żaneta, Agnieszka",
        "Łukasz, Wojciech, Michał, Stanisław",
        "Dąbrowicz, Wiśniak, Błaszczyk, Źrebiec",
    ),
    _culture(
        "hu",
        4,
        "Zsófia, Tünde, Boglárka, Réka",
        "Gergő, Zoltán, Ödön, Máté",
        "Szőke, Kővári, Nagy-Rácz, Füredi",
    ),
    _culture(
        "tr",
        4,
        "Ayşe, Çiğdem, Işıl, Gülşah",
        "İbrahim, Oğuz, Şükrü, Barış",
        "Yıldırım, Öztürk, Çağlar, Işık",
    ),
    _culture(
        "is",
        2,
        "Þórunn, Sigríður, Æsa",
        "Þór, Ásgeir, Hörður",
        "Ægisson, Bjarkadóttir, Þorleifsson",
    ),
    _culture(
        "vi",
        5,
        "Ngọc Ánh, Thị Hường, Bảo Trâm",
        "Văn Đức, Quốc Bảo, Minh Tuấn",
        "Nguyễn, Trần, Đặng, Phạm",
    ),
    _culture(
        "el",
        5,
        "Ελένη, Αικατερίνη, Ζωή, Δήμητρα",
        "Γεώργιος, Νίκος, Παύλος, Στέφανος",
        "Παπαδάκη, Καραγιάννη, Οικονόμου, Δημητρίου",
    ),
    _culture(
        "uk",
        5,
        "Наталія, Оксана, Соломія, Їванна",
        "Тарас, Андрій, Євген, Сергій",
        "Шевчук, Коваленко, Ґудзь, Мельниченко",
    ),
    _culture(
        "ru",
        4,
        "Анна, Екатерина, Алёна, Ольга",
        "Дмитрий, Пётр, Алексей, Фёдор",
        "Соловей, Журавель, Ткач, Бондарь",
    ),
    _culture(
        "ar",
        6,
        "ليلى, فاطمة, نور, مريم, هدى",
        "أحمد, يوسف, عمر, خالد, إبراهيم",
        "حدّاد, الخطيب, منصور, عبد الله, النجّار",
    ),
    _culture("he", 3, "נועה, שירה, רחל, תמר", "איתן, יעקב, דוד, אורי", "לוי, אברמוב, שטרן, בן־עמי"),
    _culture("fa", 2, "شیرین, پریسا, ژاله", "کیان, فرهاد, بهرام", "گلستانی, کریمی, پورنیا"),
    _culture(
        "zh", 6, "丽, 静, 秀英, 雨桐, 美玲", "伟, 强, 子轩, 浩然, 建国", "王, 李, 张, 欧阳, 陈"
    ),
    _culture("ja", 4, "花子, 美咲, 陽菜, 結衣", "太郎, 健一, 大翔, 蓮", "佐藤, 鈴木, 高橋, 渡邊"),
    _culture("ko", 4, "서연, 지우, 하은", "민준, 도윤, 준서", "김, 이, 박, 최"),
    _culture("hi", 4, "अनन्या, प्रिया, सुनीता", "रोहन, अर्जुन, विक्रम", "शर्मा, वर्मा, अय्यर"),
    _culture("th", 2, "สุดา, มาลี, กนกวรรณ", "สมชาย, ธนา, ประเสริฐ", "ใจดี, ศรีสุข, ทองแท้"),
)

JANE_AND_JONATHAN = (
    Person(
        "Jane",
        "Smith",
        "female",
        date(1986, 4, 12),
        "+1-415-555-0148",
        "jane.smith@example.com",
        "en",
        "",
    ),
    Person(
        "Jonathan",
        "Smith",
        "male",
        date(1972, 11, 30),
        "+1-415-555-0123",
        "j.smith@example.com",
        "en",
        "",
    ),
)
"""The two who stand in the examples of the scheduling API."""

_INTERPRETERS = {
    "es": "Spanish",
    "uk": "Ukrainian",
    "ar": "Arabic",
    "zh": "Mandarin",
    "vi": "Vietnamese",
    "ko": "Korean",
    "fa": "Persian",
}
_ALERTS = (
    "Allergy: penicillin",
    "Allergy: latex",
    "Takes blood thinners",
    "Wheelchair, needs room 1",
    "Anxious, please allow time",
    "Asks for a call the day before",
    "Pacemaker",
    "Diabetes, prefers mornings",
)
_AREAS = (202, 212, 312, 404, 617, 646, 708, 718, 773, 917)
_SEATS = tuple(c for c in CULTURES for _ in range(c.weight))


def people(count: int, today: date, chance: random.Random, *, first: int = 0) -> Iterator[Person]:
    """*count* people, children among them, one in fifteen of a family that shares its
    telephone and mail; the same *chance* gives the same people. Telephone numbers and mail
    addresses count on from *first*, so that two clinics' people do not share them by accident.
    """
    family: Person | None = None
    for number in range(first, first + count):
        culture = chance.choice(_SEATS)
        if family is not None and chance.random() < 0.07:
            culture = next(c for c in CULTURES if family.last_name in c.families)
            last_name, phone, email = family.last_name, family.phone, family.email
        else:
            last_name = chance.choice(culture.families)
            phone = f"+1-{_AREAS[number // 100 % len(_AREAS)]}-555-01{number % 100:02d}"
            email = ""
        woman = chance.random() < 0.52
        first_name = chance.choice(culture.women if woman else culture.men)
        gender = ("female" if woman else "male") if chance.random() < 0.97 else "other"
        if not email and chance.random() < 0.9:
            email = _address(first_name, last_name, number, chance)
        family = Person(
            first_name,
            last_name,
            gender,
            today - timedelta(days=_days_old(chance)),
            phone,
            email,
            culture.language,
            _alert(culture.language, chance),
        )
        yield family


def _days_old(chance: random.Random) -> int:
    if chance.random() < 0.12:
        return chance.randrange(2 * 366, 13 * 365)
    return int(chance.triangular(13 * 366, 92 * 365, 38 * 365))


def _alert(language: str, chance: random.Random) -> str:
    if language in _INTERPRETERS and chance.random() < 0.25:
        return f"Needs an interpreter ({_INTERPRETERS[language]})"
    return chance.choice(_ALERTS) if chance.random() < 0.08 else ""


def _address(first_name: str, last_name: str, number: int, chance: random.Random) -> str:
    """An address of an example domain; in Latin letters, as most people's still are."""
    name = fold.key(f"{first_name} {last_name}").replace(" ", ".")
    if not name.isascii() or chance.random() < 0.2:
        name = f"patient{number:04d}"
    return f"{name}@example.{'com' if chance.random() < 0.7 else 'org'}"
