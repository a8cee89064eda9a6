"""The questions of ``check`` about the history: unbroken, whole, and as it was sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from clinic_desk.rules.words import N_
from clinic_desk.services import journal
from clinic_desk.services.chain import Head
from clinic_desk.services.store import Store

Finding = tuple[str, dict[str, Any]]

MISSING = N_("{organisation}: deed {seq} is missing from the history.")
TEXT = N_("{organisation}: the text of deed {seq} is not the one that was written.")
LINK = N_("{organisation}: deed {seq} was changed, or what came before it.")
NO_TEXT = N_("{organisation}: the text of deed {seq} is missing.")
HALF_ERASED = N_("{organisation}: deed {seq} has a text without the salt that proves it.")
NO_DEED = N_("{organisation}: there is a text for deed {seq}, which does not exist.")
CUT = N_("{organisation}: the history ends at deed {seq}, but it was once sealed at {sealed}.")
OTHER = N_("{organisation}: deed {seq} is not the one that was sealed.")
GONE = N_("The organisation {uuid}, whose history was once sealed, is missing.")

_BROKEN = {"missing": MISSING, "text": TEXT, "link": LINK}


def history(store: Store) -> Iterator[Finding]:
    """Every organisation's chain from its first deed; only the first broken place of each is
    told, since all that follows it hangs on it.
    """
    for number, name in store.rows("SELECT id, name FROM organisation ORDER BY id"):
        own = {"organisation": name}
        for seq, what in journal.broken_links(store, number):
            yield _BROKEN[what], {**own, "seq": seq}
            break
        for message, condition in (
            (NO_TEXT, "t.seq IS NULL"),
            (HALF_ERASED, "t.salt = '' AND t.body <> ''"),
        ):
            for (seq,) in store.rows(
                "SELECT min(d.seq) FROM deed d LEFT JOIN deed_text t"  # noqa: S608
                " ON t.organisation_id = d.organisation_id AND t.seq = d.seq"
                f" WHERE d.organisation_id = ? AND {condition} HAVING count(*) > 0",
                (number,),
            ):
                yield message, {**own, "seq": seq}
        for (seq,) in store.rows(
            "SELECT min(t.seq) FROM deed_text t LEFT JOIN deed d"
            " ON t.organisation_id = d.organisation_id AND t.seq = d.seq"
            " WHERE t.organisation_id = ? AND d.seq IS NULL HAVING count(*) > 0",
            (number,),
        ):
            yield NO_DEED, {**own, "seq": seq}


def sealed(heads: Mapping[str, Head]) -> Callable[[Store], Iterator[Finding]]:
    """Each chain still goes through the deed at which it was sealed."""

    def step(store: Store) -> Iterator[Finding]:
        for uuid, head in heads.items():
            found = store.rows("SELECT id, name FROM organisation WHERE uuid = ?", (uuid,))
            if not found:
                yield GONE, {"uuid": uuid}
                continue
            number, name = found[0]
            last = present_head(store, number)
            links = store.rows(
                "SELECT chain FROM deed WHERE organisation_id = ? AND seq = ?", (number, head.seq)
            )
            if last.seq < head.seq:
                yield CUT, {"organisation": name, "seq": last.seq, "sealed": head.seq}
            elif head.seq and (not links or links[0][0] != head.chain):
                yield OTHER, {"organisation": name, "seq": head.seq}

    return step


def present_head(store: Store, organisation_id: int) -> Head:
    """Where an organisation's history ends now."""
    found = store.rows(
        "SELECT seq, chain, catalogue_seq FROM deed WHERE organisation_id = ?"
        " ORDER BY seq DESC LIMIT 1",
        (organisation_id,),
    )
    return Head(*found[0]) if found else Head()
