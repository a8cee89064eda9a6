"""The one door: every change goes through here, with permission, lock, version, history and bell.

A use case is a function that takes a :class:`Work` and is marked with :func:`command`.
It **looks** (no lock), calls :meth:`Work.lock` **once** (the organisation's lock, and all
that the decision needs, read again under it), **decides**, and asks the work to create,
change or delete rows. When it returns, one deed is added to the history, the other desks
are rung, and all is committed together: two exchanges with the server under the lock.
"""

from __future__ import annotations

import functools
import inspect
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import peewee

from clinic_desk.rules.errors import Conflicted, NotFound, Refused, Stale, Withdrawn
from clinic_desk.rules.words import N_
from clinic_desk.services import chain, deeds, patient_access
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Done
from clinic_desk.services.faults import ClaimOverlap, Retry
from clinic_desk.services.transaction import Rows, Statement, insert_text, transaction_for

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", bound=peewee.Model)

MOST_ROWS = 100
"""No deed holds the lock for more rows than this; imports and series commit in chunks."""

WITHDRAWN = "withdrawn"
ATTEMPTS = 3

PERMISSION_OF: dict[str, str] = {}
"""Action name to the permission that guards it; undo asks for it again."""

COMMANDS: dict[str, Callable[..., Done[Any]]] = {}
"""Action name to the command as faces call it."""


class AlreadyDone(Exception):
    """The same request was carried out before, as this deed."""

    def __init__(self, seq: int) -> None:
        super().__init__(seq)
        self.seq = seq


class Work:
    """One deed in the making. Made by :func:`command`; lives for one call."""

    def __init__(self, actor: Actor, action: str, request_id: str, fingerprint: str) -> None:
        self.actor = actor
        self.store = actor.store
        self.action = action
        self.request_id = request_id
        self.fingerprint = fingerprint
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.reason = ""
        self.undoes: int | None = None
        self._head = chain.Head()
        self._transaction = transaction_for(actor.store)
        self._changes: list[chain.Change] = []
        self._required: dict[str, None] = {}
        self._beside: list[int] = []
        self.keys: set[int] = set()
        """Before the lock: nobody of any organisation who names one too decides meanwhile."""
        self.asked: list[tuple[Statement, Callable[[Rows], None]]] = []
        """Before the lock: what it has to ask as well, and who refuses by the answer."""
        self.written: dict[tuple[str, int], peewee.Model] = {}
        """What was created or changed so far, by kind and id, as it will stand."""
        self.trying: peewee.Model | None = None
        """The row whose writing came last; the database may have refused it."""

    @property
    def organisation_id(self) -> int:
        """The organisation in which the actor acts."""
        return self.actor.organisation_id

    @property
    def catalogue(self) -> Catalogue:
        """The organisation's catalogue; under the lock it is the newest there is."""
        return self.store.catalogue(self.organisation_id, at_least=self._head.catalogue_seq)

    def require(self, permission: str) -> None:
        """Raise ``NotAllowed`` unless the actor holds *permission* today; :meth:`lock` asks
        again, since only under the lock today is certain.
        """
        self._required[permission] = None
        self.store.catalogue(self.organisation_id, at_least=self._head.catalogue_seq)
        self.actor.require(permission)

    def name_too(self, organisation_id: int) -> None:
        """Before :meth:`lock`: this deed touches another organisation too, whose lock it needs.

        What it writes into that one's history is the business of who asks for this.
        """
        self._beside.append(organisation_id)

    # Looking ------------------------------------------------------------------------------

    def look(self, *statements: Statement) -> list[Rows]:
        """Read without the lock, in one exchange; what is decided on it must be read again
        under the lock.
        """
        return self._transaction.look(statements)

    def find(self, model: type[R], number: int) -> R:
        """The organisation's row with this id, without the lock. Raises ``NotFound``, also for
        what is about a patient whom the actor may not see.
        """
        return self.found(model, self.look(self.seen(model, number))[0])

    def seen(self, model: type[peewee.Model], number: int) -> Statement:
        """For a look or the lock: the row with this id, unless it is about a patient whom the
        actor may not see.
        """
        return patient_access.row(self.actor, model, number)

    def found(self, model: type[R], answer: Rows) -> R:
        """The one row of an answer, the same object where this work has changed it already.
        Raises ``NotFound`` where the answer is empty.
        """
        if not answer:
            raise NotFound
        row = r.row(model, answer[0])
        known = self.written.get((r.table(model), row.id))  # type: ignore[attr-defined]
        return known if isinstance(known, model) else row

    def look_ahead(self, *reads: Statement) -> list[Rows]:
        """As :meth:`look`, for whoever refuses before the lock: a request that was carried
        out already must get its answer, and not be refused by its own booking.
        """
        # Asked last: whoever sees the claims of a deed must see the deed too.
        *answers, request = self.look(*reads, self._request())
        self._judge(request)
        return answers

    def lock(self, *reads: Statement) -> list[Rows]:
        """Take the organisation's lock and read under it, in one exchange; once per deed.

        Raises ``Busy`` when the lock cannot be had, ``Withdrawn`` when this very request
        was asked after and given up, ``NotAllowed`` when a permission was taken away meanwhile.
        """
        head, request, *answers = self._transaction.begin(
            sorted({self.organisation_id, *self._beside}),
            [
                Statement(
                    "SELECT seq, chain, catalogue_seq FROM deed WHERE organisation_id = ?"
                    " ORDER BY seq DESC LIMIT 1",
                    (self.organisation_id,),
                ),
                self._request(),
                *(statement for statement, _judge in self.asked),
                *reads,
            ],
            sorted(self.keys),
        )
        if head:
            self._head = chain.Head(*head[0])
        for permission in tuple(self._required):
            self.require(permission)
        self._judge(request)
        for (_statement, judge), answer in zip(self.asked, answers, strict=False):
            judge(answer)
        return answers[len(self.asked) :]

    def _request(self) -> Statement:
        return Statement(
            "SELECT seq, action, fingerprint FROM deed WHERE organisation_id = ?"
            " AND COALESCE(actor_id, 0) = ? AND request_id = ?",
            (self.organisation_id, self.actor.user_id or 0, self.request_id),
        )

    def _judge(self, request: Rows) -> None:
        if not request:
            return
        seq, action, fingerprint = request[0]
        if action == WITHDRAWN:
            raise Withdrawn
        if self.fingerprint and fingerprint != self.fingerprint:
            raise Refused(N_("This request number already stands for another change."))
        raise AlreadyDone(seq)

    def allow_any_fingerprint(self) -> None:
        """This work asks about a request instead of repeating it."""
        self.fingerprint = ""

    def look_again(self, *reads: Statement) -> list[Rows]:
        """Read once more under the lock: a further exchange, for rare cases."""
        return self._transaction.read(reads)

    def locked_row(self, model: type[R], number: int, *, seen: bool = False) -> Statement:
        """For :meth:`lock`: the row with this id, kept from changing until the commit; with
        *seen* only where :meth:`seen` gives it.
        """
        statement = r.by_id(model, self.organisation_id, number)
        if seen:
            statement = self.seen(model, number)
        if self.store.dialect == "postgresql":
            return Statement(statement.sql + " FOR UPDATE", statement.parameters)
        return statement

    # Writing ------------------------------------------------------------------------------

    def create(self, model: type[R], **fields: Any) -> R:
        """Write a new row and give it back with its id."""
        fields.setdefault("organisation_id", self.organisation_id)
        made = self.trying = model(**fields)
        values = {k: v for k, v in deeds.values_of(made).items() if v is not None}
        if "id" in fields:  # the number of a resource that was written before
            row_id = int(fields["id"])
            self._write_row(model, {"id": row_id, **values})
        else:
            row_id = self._insert(model, values)
        made.id = row_id  # type: ignore[attr-defined]
        self._note(made, row_id, True, {}, values)
        return made

    def change(self, row: peewee.Model, **fields: Any) -> bool:
        """Write the fields that differ; raises the row's version. False where none does.

        ``Stale`` where the row has another version by now; from a server this comes at the end.
        """
        model = type(row)
        before = {k: getattr(row, k) for k, v in fields.items() if getattr(row, k) != v}
        if not before:
            return False
        after = {k: fields[k] for k in before}
        version = int(row.version)  # type: ignore[attr-defined]
        for name, value in after.items():
            setattr(row, name, value)
        self.trying = row
        sets = ", ".join(f"{r.column(model, k)} = ?" for k in after)
        self._transaction.write_one(
            Statement(
                f"UPDATE {r.table(model)} SET {sets}, version = ?"  # noqa: S608
                " WHERE id = ? AND version = ?",
                [
                    *(r.stored(model, k, v) for k, v in after.items()),
                    version + 1,
                    row.id,  # type: ignore[attr-defined]
                    version,
                ],
            )
        )
        row.version = version + 1  # type: ignore[attr-defined]
        self._note(row, row.id, False, before, after)  # type: ignore[attr-defined]
        return True

    def leave(self, row: peewee.Model) -> None:
        """Note that *row* is as it was asked to be, so that there is a deed to answer with when
        the request comes again: by then it may be otherwise, and must not be changed back.
        """
        self._note(row, row.id, False, {}, {})  # type: ignore[attr-defined]

    def delete(self, row: peewee.Model) -> None:
        """Take a row away; the history keeps all its fields, so it can be put back."""
        model, row_id = type(row), row.id  # type: ignore[attr-defined]
        sql, values = f"DELETE FROM {r.table(model)} WHERE id = ?", [row_id]  # noqa: S608
        if "version" in r.columns(model):  # what only joins two rows has none, and never changes
            sql, values = f"{sql} AND version = ?", [row_id, row.version]  # type: ignore[attr-defined]
        self._transaction.write_one(Statement(sql, values))
        self._note(row, row_id, False, deeds.values_of(row), {})
        del self.written[r.table(model), row_id]

    def put_back(self, model: type[R], row_id: int, fields: dict[str, Any]) -> R:
        """Write a row again that was deleted, under its old id."""
        made = self.trying = model(**{k: v for k, v in fields.items() if k != "id"})
        made.id = row_id  # type: ignore[attr-defined]
        values = deeds.values_of(made)
        self._write_row(model, {"id": row_id, **values})
        self._note(made, row_id, True, {}, values)
        return made

    def _insert(self, model: type[peewee.Model], fields: dict[str, Any]) -> int:
        names = list(fields)
        return self._transaction.insert(
            r.table(model),
            f"{r.table(model)}_id_seq",
            [r.column(model, k) for k in names],
            [r.stored(model, k, fields[k]) for k in names],
        )

    def _write_row(self, model: type[peewee.Model], fields: dict[str, Any]) -> None:
        names = [r.column(model, k) for k in fields]
        values = [r.stored(model, k, v) for k, v in fields.items()]
        self._transaction.write(Statement(insert_text(r.table(model), names), values))

    def _note(
        self,
        row: peewee.Model,
        row_id: int,
        created: bool,
        before: dict[str, Any],
        after: dict[str, Any],
    ) -> None:
        kind = r.table(type(row))
        self.written[kind, row_id] = row
        self._changes.append(chain.Change(kind, row_id, created, before, after))

    # Ending -------------------------------------------------------------------------------

    def finish(self, value: T) -> Done[T]:
        """Write the deed, ring, commit. Without a change nothing is written."""
        if not self._changes and self.action != WITHDRAWN:
            self.give_up()
            return Done(value, self._head.seq)
        touched = tuple(dict.fromkeys((c.kind, c.id) for c in self._changes))
        if len(touched) > MOST_ROWS:
            raise RuntimeError(f"{self.action}: {len(touched)} rows in one deed")
        seq = self._head.seq + 1
        told = deeds.merged(self._changes)
        is_catalogue = any(kind in deeds.CATALOGUE_KINDS for kind, _ in touched)
        for statement in deeds.written(self, self._head, told, touched, catalogue=is_catalogue):
            self._transaction.write(statement)
        self._transaction.commit(self.request_id)
        return Done(value, seq, touched, self.action)

    def give_up(self) -> None:
        """Roll back; nothing of this work has happened."""
        self._transaction.roll_back()


def command(
    permission: str, *, action: str
) -> Callable[[Callable[Concatenate[Work, P], T]], Callable[Concatenate[Actor, P], Done[T]]]:
    """Make a use case of a function on a :class:`Work`: ``diary.move(actor, …) -> Done``.

    The use case may take ``request_id``: the same id with the same arguments is carried out
    once, however often it is sent, and answers with the same deed. A function ``again`` set
    on the result (``move.again = …``) gives the value for such a repetition.
    """

    def decorate(
        use_case: Callable[Concatenate[Work, P], T],
    ) -> Callable[Concatenate[Actor, P], Done[T]]:
        PERMISSION_OF[action] = permission
        names = list(inspect.signature(use_case).parameters)[1:]

        @functools.wraps(use_case)
        def call(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> Done[T]:
            request_id = str(kwargs.get("request_id") or uuid.uuid4())
            asked = {**dict(zip(names, args, strict=False)), **kwargs}
            asked.pop("request_id", None)
            mark = chain.fingerprint(action, asked)
            for attempt in range(ATTEMPTS):
                work = Work(actor, action, request_id, mark)
                try:
                    work.require(permission)
                    return work.finish(use_case(work, *args, **kwargs))
                except AlreadyDone as done:
                    work.give_up()
                    return deeds.repeated(actor, call, done.seq, action)
                except (Retry, ClaimOverlap) as error:
                    work.give_up()
                    if attempt < ATTEMPTS - 1:
                        continue
                    if isinstance(error, ClaimOverlap) and (reasons := deeds.against(work)):
                        raise Conflicted(reasons) from None
                    raise Stale from None
                except BaseException:
                    work.give_up()
                    raise
            raise AssertionError("unreachable")

        COMMANDS[action] = call
        return call

    return decorate


def query(
    permission: str,
) -> Callable[[Callable[Concatenate[Actor, P], T]], Callable[Concatenate[Actor, P], T]]:
    """Guard a function that only reads; its driver errors come out as ours."""

    def decorate(
        function: Callable[Concatenate[Actor, P], T],
    ) -> Callable[Concatenate[Actor, P], T]:
        @functools.wraps(function)
        def call(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> T:
            actor.require(permission)
            return function(actor, *args, **kwargs)

        return call

    return decorate
