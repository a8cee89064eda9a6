"""What the tests of a clinic's set-up share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from clinic_desk.services.actor import Actor
from clinic_desk.services.clinic_cards import ProviderDraft, TypeDraft
from clinic_desk.services.impact import Impact, WouldBreak


def broken(call: Any, *args: Any, **kwargs: Any) -> Impact:
    """What a command says that it would break."""
    with pytest.raises(WouldBreak) as caught:
        call(*args, **kwargs)
    return caught.value.impact


def provider_draft(actor: Actor, provider_id: int, **fields: Any) -> tuple[Any, ProviderDraft]:
    """A provider as shown, and as somebody wants them."""
    from clinic_desk.services import clinic_providers

    shown = clinic_providers.provider(actor, provider_id)
    return shown, replace(shown.draft, **fields)


def type_draft(actor: Actor, type_id: int, **fields: Any) -> tuple[Any, TypeDraft]:
    """A type as shown, and as somebody wants it."""
    from clinic_desk.services import clinic_types

    shown = clinic_types.type_(actor, type_id)
    draft = TypeDraft(
        name=shown.name,
        code=shown.code,
        minutes=shown.minutes,
        colour=shown.colour,
        qualification_ids=shown.qualification_ids,
    )
    return shown, replace(draft, **fields)
