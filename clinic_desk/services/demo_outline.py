"""How a demo clinic is told before it has rows: places, hours, staff, services."""

from __future__ import annotations

from dataclasses import dataclass, field

ALL_WEEK = "Mon Tue Wed Thu Fri"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Hours:
    """``days`` like "Mon Tue", ``times`` like "8:00-12:00 13:00-17:00"."""

    days: str
    times: str
    weeks: str = "every"

    def rows(self) -> list[tuple[int, int, int]]:
        """Weekday (0 is Monday), first and last wall minute."""
        return [
            (WEEKDAYS.index(day), *_minutes(span))
            for day in self.days.split()
            for span in self.times.split()
        ]


def _minutes(span: str) -> tuple[int, int]:
    begin, end = (
        int(hour) * 60 + int(minute) for hour, minute in (t.split(":") for t in span.split("-"))
    )
    return begin, end


@dataclass(frozen=True, slots=True)
class Place:
    """A location with its rooms; ``key`` is how posts refer to it."""

    key: str
    name: str
    address: str
    phone: str
    time_zone: str
    rooms: tuple[str, ...]
    hours: tuple[Hours, ...]


@dataclass(frozen=True, slots=True)
class Post:
    """Where and when a provider works; ``room`` counts from 1, 0 for none of their own."""

    place: str
    hours: Hours
    room: int = 0


@dataclass(frozen=True, slots=True)
class Staff:
    """A provider; the first post's place is their home."""

    title: str
    first_name: str
    last_name: str
    initials: str
    colour: str
    skills: tuple[str, ...]
    posts: tuple[Post, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """An appointment type. ``skills`` allow to give it, ``often`` weighs how much it is asked
    for, ``ages`` is who comes, ``problems`` what they say at the telephone.
    """

    code: str
    name: str
    minutes: int
    colour: str
    skills: tuple[str, ...]
    often: int
    problems: tuple[str, ...]
    before: int = 0
    after: int = 0
    exam: bool = False
    ages: tuple[int, int] = (14, 120)


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole organisation before it has rows."""

    name: str
    time_zone: str
    country: str
    places: tuple[Place, ...]
    staff: tuple[Staff, ...]
    services: tuple[Service, ...]
    patients: int
    first_number: int
    requests: int = 0
    first_person: int = 0
    roles: tuple[tuple[str, str, str], ...] = field(default=())
    """Shipped role, name to sign in, display name; empty where the role's own will do."""
