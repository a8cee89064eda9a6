"""The clinic's own words for its letters: one set for each kind and language."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from clinic_desk import config
from clinic_desk.models.journal import MessageTemplate
from clinic_desk.rules.errors import Invalid, NotFound, Stale
from clinic_desk.rules.words import N_
from clinic_desk.services import letter_texts, letters
from clinic_desk.services import rows as r
from clinic_desk.services import settings as shared
from clinic_desk.services.actor import Actor
from clinic_desk.services.letter_texts import Kind, Words
from clinic_desk.services.letters import Letter
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, command, query


@dataclass(frozen=True, slots=True)
class TemplateCard:
    """The words for one kind in one language. ``version`` 0: the program's own, not changed.

    ``places`` is what may stand in braces, with what it means (for translation).
    """

    kind: Kind
    language: str
    subject: str
    body: str
    version: int
    places: Mapping[str, str]


@query(shared.SHARING)
def template(actor: Actor, kind: Kind, language: str) -> TemplateCard:
    """The words that a letter of *kind* in *language* has now."""
    tag = _language(language)
    wanted = _statement(actor.organisation_id, kind, tag)
    found = actor.store.rows(wanted.sql, wanted.parameters)
    return card(r.row(MessageTemplate, found[0])) if found else _shipped(kind, tag)


@query(shared.SHARING)
def changed(actor: Actor) -> tuple[TemplateCard, ...]:
    """All words of the clinic's own, by kind and language; one query."""
    found = actor.store.rows(
        f"{r.selecting(MessageTemplate)} WHERE organisation_id = ? ORDER BY kind, language",
        (actor.organisation_id,),
    )
    return tuple(card(row) for row in r.rows(MessageTemplate, found))


@query(shared.SHARING)
def preview(actor: Actor, kind: Kind, language: str, subject: str, body: str) -> Letter:
    """How the words would look, with an invented patient. Raises ``Invalid`` naming the field."""
    organisation = actor.store.catalogue(actor.organisation_id).organisation
    tag = _language(language)
    return letters.preview(kind, subject, body, tag, organisation.name, organisation.time_zone)


@command(shared.SHARING, action="template.put")
def put(
    work: Work,
    kind: Kind,
    language: str,
    *,
    subject: str,
    body: str,
    version: int,
    request_id: str | None = None,
) -> TemplateCard:
    """Keep the clinic's own words. *version* is the card's that was changed.

    Raises ``Invalid`` for an unknown or missing place, ``Stale`` with the present card.
    """
    tag = _language(language)
    own = letters.checked(kind, subject, body)
    (found,) = work.lock(_statement(work.organisation_id, kind, tag))
    if not found:
        if version:
            raise Stale(_shipped(kind, tag))
        row = work.create(
            MessageTemplate,
            uuid=str(uuid.uuid4()),
            kind=str(kind),
            language=tag,
            subject=own.subject,
            body=own.body,
            version=1,
        )
        return card(row)
    row = r.row(MessageTemplate, found[0])
    if row.version != version:
        raise Stale(card(row))
    work.change(row, subject=own.subject, body=own.body)
    return card(row)


@command(shared.SHARING, action="template.reset")
def reset(
    work: Work, kind: Kind, language: str, *, version: int, request_id: str | None = None
) -> TemplateCard:
    """Go back to the program's own words. Raises ``NotFound``, ``Stale``."""
    tag = _language(language)
    (found,) = work.lock(_statement(work.organisation_id, kind, tag))
    if not found:
        raise NotFound
    row = r.row(MessageTemplate, found[0])
    if row.version != version:
        raise Stale(card(row))
    work.delete(row)
    return _shipped(kind, tag)


def card(row: MessageTemplate) -> TemplateCard:
    """What the faces see of the clinic's own words."""
    kind = Kind(row.kind)
    return TemplateCard(
        kind, row.language, row.subject, row.body, row.version, letter_texts.places(kind)
    )


def _shipped(kind: Kind, language: str) -> TemplateCard:
    words: Words = letters.words(kind, language, {})
    return TemplateCard(kind, language, words.subject, words.body, 0, letter_texts.places(kind))


def _language(tag: str) -> str:
    plain = config.checked_language(tag)
    if not plain:
        raise Invalid("language", N_("Choose a language."))
    return plain


def _statement(organisation_id: int, kind: Kind, language: str) -> Statement:
    return Statement(
        f"{r.selecting(MessageTemplate)} WHERE organisation_id = ? AND kind = ? AND language = ?",
        (organisation_id, str(kind), language),
    )
