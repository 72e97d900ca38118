"""Customers are told what became of their reservations, by mail that is posted in the transaction of the act.

What the desk does can be taken back for a while, so its notices wait that long. Whatever comes meanwhile withdraws
them, and tells the whole way from what the customer last knew: booked by telephone and moved is one confirmation,
moved and moved back is nothing. Steps of a visit are not told, nor is what is over.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from django.utils import timezone

from accounts import mail
from accounts.actors import Actor, Door
from accounts.clock import salon_now
from accounts.models import Designer, Mail, Policy, User
from reservations.models import UNDO_WITHIN

Facts = dict[str, object]
"""What the history tells of a reservation (`services.told`)."""
Known = dict[str, object]
"""What a customer knows of a reservation: `designer`, `date` and `time`, or only that it is cancelled; JSON."""

CANCELLED: Known = {"cancelled": True}
PLACE = ("designer", "date", "time")
BOOKED, MOVED, GONE, RESTORED = (
    "reservation_booked",
    "reservation_moved",
    "reservation_cancelled",
    "reservation_restored",
)
"""The mails' templates."""


@dataclass(frozen=True)
class Step:
    """One act on one reservation: what its customer could know before and after; None where there is none."""

    pk: int
    before: Facts | None
    after: Facts | None
    reason: str = ""
    """Why it was cancelled, in the words of who did; what the salon's people write is for themselves."""
    returns: bool = False
    """It was cancelled before, and its customer knows that."""

    @property
    def thing(self) -> str:
        return about(self.pk)

    def known_before(self, customer: int) -> Known | None:
        """What this person knows if all before was told; None for nothing."""
        if self.returns and _is_of(self.after, customer):
            return CANCELLED
        return _place(self.before) if _is_of(self.before, customer) else None

    def known_after(self, customer: int) -> Known:
        return _place(self.after) if _is_of(self.after, customer) else CANCELLED

    @property
    def customers(self) -> set[int]:
        return {cast("int", facts["customer"]) for facts in (self.before, self.after) if facts}

    @property
    def is_news(self) -> bool:
        return self.returns or self.before is None or self.after is None or _differ(self.before, self.after)


def about(pk: int) -> str:
    """How the outbox names what is told of this reservation."""
    return f"reservation {pk}"


def tell(by: Actor, steps: Collection[Step], locked: Mapping[int, User] | None = None) -> None:
    """Post what these acts have to tell, within the caller's transaction, which holds the reservations' locks.

    A constant number of queries for every 500; `locked` are customers that the caller has read already.
    """
    news = [step for step in steps if step.is_news]
    for start in range(0, len(news), mail.BATCH):
        _tell(by, news[start : start + mail.BATCH], locked or {})


def _tell(by: Actor, steps: Collection[Step], locked: Mapping[int, User]) -> None:
    unsent = _withdraw(steps)
    concerned = {customer for step in steps for customer in (*step.customers, *unsent[step.thing])}
    people = locked if concerned <= locked.keys() else User.objects.in_bulk(concerned)
    reached = {pk: people[pk] for pk in concerned if pk in people and people[pk].is_reachable}
    if news := list(_news(steps, unsent, reached)) if reached else []:
        writer = _Writer(by, news)
        mail.post_drafts([writer.draft(one) for one in news])


Unsent = dict[str, dict[int, Known | None]]
"""Of what was to be told of each thing and to whom: what each of them knew, and still knows."""


def _withdraw(steps: Collection[Step]) -> Unsent:
    """Take the unsent notices back; of what was not there before there are none."""
    unsent: Unsent = defaultdict(dict)
    old = [step.thing for step in steps if step.before or step.returns]
    for withdrawn in mail.withdraw(old) if old else ():
        if withdrawn.lease is None and withdrawn.context and "known" in withdrawn.context:
            unsent[withdrawn.about][withdrawn.user_id] = withdrawn.context["known"]
    return unsent


@dataclass(frozen=True)
class _News:
    """What one person is to be told of one step."""

    step: Step
    customer: User
    known: Known | None
    now: Known
    template: str


def _news(steps: Collection[Step], unsent: Unsent, reached: dict[int, User]) -> Iterator[_News]:
    for step in steps:
        for pk in sorted({*step.customers, *unsent[step.thing]} & reached.keys()):
            known = unsent[step.thing].get(pk, step.known_before(pk))
            now = step.known_after(pk)
            template = _template(known, now)
            if template and not _is_over(known, now):
                yield _News(step, reached[pk], known, now, template)


def _template(known: Known | None, now: Known) -> str:
    """What leads from the one to the other; "" for nothing."""
    if known == now or (known is None and now == CANCELLED):
        return ""
    if now == CANCELLED:
        return GONE
    if known is None:
        return BOOKED
    return RESTORED if known == CANCELLED else MOVED


class _Writer:
    """Drafts of one act, with what they have in common read once."""

    def __init__(self, by: Actor, news: Collection[_News]) -> None:
        self.by = by
        self.policy = Policy.current()
        self.due_at = timezone.now() + (UNDO_WITHIN if by.door == Door.ADMIN else dt.timedelta())
        pks = {known["designer"] for one in news for known in (one.known, one.now) if known and known != CANCELLED}
        self.designers = Designer.objects.select_related("user").in_bulk(pks)

    def draft(self, news: _News) -> Mail:
        times: dict[str, str] = {}
        context: dict[str, object] = {
            "known": news.known,
            "own": self.by.user_pk == news.customer.pk and self.by.door != Door.ADMIN,
            "reason": news.step.reason if self.by.user_pk in (0, news.customer.pk) else "",
            "number": news.step.pk,
            "times": times,
            "page": ["pages:reserve"] if news.now == CANCELLED else page(news.step.pk),
        }
        if news.now != CANCELLED:
            context |= of(self._designer(news.now))
            times |= deadlines(_start(news.now), self.policy)
        if news.known and news.known != CANCELLED:
            context["was_designer"] = self._designer(news.known).user.called
            times["was"] = _start(news.known).isoformat()
        return mail.draft(news.customer, news.template, about=news.step.thing, context=context, due_at=self.due_at)

    def _designer(self, known: Known) -> Designer:
        return self.designers[cast("int", known["designer"])]


def of(designer: Designer) -> dict[str, object]:
    """What a mail says of a designer: the name, and how long a consultation takes."""
    return {"designer": designer.user.called, "minutes": designer.slot_minutes}


def deadlines(start: dt.datetime, policy: Policy) -> dict[str, str]:
    """When it begins, and until when the customer may change and cancel it, where that lies ahead; ISO 8601."""
    times = {"start": start, "change_until": start - policy.change_notice, "cancel_until": start - policy.cancel_notice}
    return {name: at.isoformat() for name, at in times.items() if name == "start" or at > salon_now()}


def page(pk: int) -> list[object]:
    """The reservation's own, as drafts name it."""
    return ["pages:reservation", pk]


def _is_of(facts: Facts | None, customer: int) -> bool:
    return facts is not None and facts["customer"] == customer


def _differ(before: Facts, after: Facts) -> bool:
    return any(before[key] != after[key] for key in ("customer", *PLACE))


def _place(facts: Facts | None) -> Known:
    return {key: facts[key] for key in PLACE} if facts else CANCELLED


def _is_over(*known: Known | None) -> bool:
    """Neither where it was nor where it is lies ahead."""
    places = [place for place in known if place and place != CANCELLED]
    return all(_start(place) <= salon_now() for place in places)


def _start(place: Known) -> dt.datetime:
    """On the salon's wall clock, naive."""
    return dt.datetime.fromisoformat(f"{place['date']}T{place['time']}")
