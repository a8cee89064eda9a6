"""Two clinics of one database: one keeps a record, the other one asks for it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from clinic_desk.models.consents import Consent
from clinic_desk.models.people import Organisation
from clinic_desk.rules.errors import ClinicError
from clinic_desk.services import consent, consent_code
from clinic_desk.services.actor import Actor
from clinic_desk.services.consent_cards import AskedCard, Code, Scan, Share
from clinic_desk.services.store import Store
from tests import builders
from tests.builders import Clinic
from tests.services import mailing

__all__ = ["Code", "Scan"]

RECORD: dict[str, Any] = {
    "first_name": "Xanthippe",
    "last_name": "Quarrington",
    "date_of_birth": date(1971, 3, 9),
    "gender": "female",
    "language": "fr",
    "email": "xq.private@post.example",
    "email_key": "xq.private@post.example",
    "phone": "+43 660 5550147",
    "phone_key": "+436605550147",
    "address": "Zwetschkengasse 7",
    "postcode": "9876",
    "city": "Oberwaltersdorf",
    "country": "AT",
    "national_id": "ZX-77-1234",
    "national_key": "zx771234",
    "number": "K-31415",
    "alert": "Needs a ramp",
    "medical_alert": "Penicillin",
}
"""A record whose every text stands nowhere else."""

TOLD = ("Xanthippe", "Quarrington", "1971", "xq.", "private", "5550147", "Zwetschken", "9876",
        "Oberwalt", "77-1234", "771234", "31415", "ramp", "Penicillin", "Keeper")  # fmt: skip
"""Pieces of it, and of the keeping clinic's name, that nobody may see too early."""


_BY_CHANCE = re.compile(
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(?:[0-9a-f]{32}|[0-9a-f]{64})\b"
)


def pieces(*texts: str) -> list[str]:
    """What of the record, or of who keeps it, stands in *texts*; the numbers of requests and
    rows and their sums aside, which hold any four figures one day.
    """
    told = [_BY_CHANCE.sub("", text) for text in texts]
    return [piece for piece in TOLD for text in told if piece in text]


@dataclass(frozen=True)
class Two:
    """Both clinics, somebody at each who may do everything, and the record."""

    asking: Clinic
    asker: Actor
    keeping: Clinic
    keeper: Actor
    record_id: int

    @property
    def store(self) -> Store:
        return self.asking.store


def two_clinics(store: Store) -> Two:
    """A clinic that sends mails, and another one with the record."""
    asking = builders.a_clinic(store, name="Asker")
    return beside(asking, builders.an_actor(asking))


def beside(asking: Clinic, asker: Actor) -> Two:
    """Another clinic with the record beside this one, which sends mails."""
    store = asking.store
    keeping = builders.a_clinic(store)
    Organisation.update(name="Keeper House").where(
        Organisation.id == keeping.organisation_id
    ).execute()
    store.forget_catalogue(keeping.organisation_id)
    keeper = builders.an_actor(keeping)
    mailing.sends_mails(asker)
    return Two(asking, asker, keeping, keeper, builders.a_patient(keeping, **RECORD))


def ask(two: Two, *shares: Share, **draft: Any) -> AskedCard:
    """Ask by the record's e-mail unless told."""
    wanted = shares or (Share.PERSON, Share.CONTACT)
    typed = draft or {"email": "XQ.private@post.example"}
    return consent.take(two.asker, typed, purpose="Treatment here", shares=wanted).value


def code_of(two: Two, card: AskedCard, after: timedelta = timedelta(0)) -> str:
    """What the sender puts into the message."""
    minted = consent_code.mint(two.store, card.id, datetime.now(UTC) + after)
    assert minted is not None
    return minted.code


def verified(two: Two, *shares: Share) -> AskedCard:
    """A consent whose code was entered."""
    card = ask(two, *shares)
    return consent.verify(two.asker, card.id, Code(code_of(two, card))).value


def row(card: AskedCard) -> Consent:
    """As it stands in the database."""
    found: Consent = Consent.get_by_id(card.id)
    return found


def later(card: AskedCard, **delta: Any) -> None:
    """Let time pass for this consent: all its moments lie further back."""
    found, by = row(card), timedelta(**delta)
    names = ("asked_at", "expires_at", "verified_at", "agreed_at", "until_at")
    moved = {n: getattr(found, n) - by for n in names if getattr(found, n) is not None}
    Consent.update(**moved).where(Consent.id == card.id).execute()


def at_once(two: Two, *desks: Callable[[], object]) -> list[object]:
    """What these desks get, or are refused by, that do something at the same time."""
    answers: list[object] = []
    start = threading.Barrier(len(desks))

    def run(desk: Callable[[], object]) -> None:
        try:
            start.wait()
            answers.append(desk())
        except ClinicError as error:
            answers.append(error)
        finally:
            two.store.forget_connection()

    threads = [threading.Thread(target=run, args=(desk,)) for desk in desks]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return answers


def wrong(code: str) -> Code:
    """Six digits that are not these."""
    return Code(f"{(int(code) + 1) % 1_000_000:06}")


def history_of(store: Store, organisation_id: int) -> str:
    """All that stands in an organisation's history and outbox, as text."""
    deeds = store.rows(
        "SELECT d.action, d.request_id, d.fingerprint, t.body FROM deed d JOIN deed_text t"
        " ON t.organisation_id = d.organisation_id AND t.seq = d.seq"
        " WHERE d.organisation_id = ? ORDER BY d.seq",
        (organisation_id,),
    )
    lines = store.rows(
        "SELECT recipient, body, last_error FROM outbox WHERE organisation_id = ?",
        (organisation_id,),
    )
    return repr((deeds, lines))
