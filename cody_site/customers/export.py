"""All that we hold about a person, as one JSON document that is written while it is read.

Only rows that are theirs, and of these nothing that is about somebody else: what the salon's people tell each other is
not in it. Times are ISO 8601; dates and times of visits mean the salon's clock.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urljoin

import orjson
from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from oauth2_provider.models import get_access_token_model

from accounts.models import CalendarFeed, Consent, Designer, Mail, User
from accounts.sessions import Session
from board.models import Comment, Post
from media_store.models import Photo
from payments.models import Payment
from reservations.models import Reservation, Wait
from reservations.story import Place, story

Entry = dict[str, object]
AT_ONCE = 200


def document(user: User) -> Iterator[bytes]:
    """The document in pieces; each section takes a constant number of queries for every 200 of its rows."""
    yield b'{\n"about": ' + _text(_about(user)) + b',\n"profile": ' + _text(_profile(user))
    for name, rows, entry in _sections(user):
        yield f',\n"{name}": ['.encode()
        separator = b"\n"
        for row in rows.iterator(chunk_size=AT_ONCE):
            yield separator + _text(entry(row))
            separator = b",\n"
        yield b"\n]"
    yield b"\n}\n"


def _text(entry: Entry) -> bytes:
    return orjson.dumps(entry, option=orjson.OPT_INDENT_2)


def _sections(user: User) -> Iterable[tuple[str, "QuerySet[Any]", Callable[[Any], Entry]]]:
    designers = dict(Designer.objects.values_list("pk", "user__name"))
    return [
        ("consents", user.consents.order_by("pk"), _consent),
        ("sign_ins", Session.objects.filter(user=user).live().order_by("-seen_at"), _sign_in),
        ("apps", get_access_token_model().objects.filter(user=user).select_related("application").order_by("pk"), _app),
        (
            "reservations",
            user.reservations.select_related("designer__user")
            .prefetch_related("moves", "attachments__photo")
            .order_by("date", "time", "pk"),
            lambda row: _reservation(row, designers),
        ),
        ("waits", user.waits.select_related("designer__user").order_by("pk"), _wait),
        ("payments", _payments(user), _payment),
        ("photos", user.photos.live().order_by("pk"), _photo),
        ("posts", user.posts.live().prefetch_related("attachments__photo").order_by("pk"), _post),
        (
            "comments",
            user.comments.live().select_related("post").prefetch_related("attachments__photo").order_by("pk"),
            _comment,
        ),
        ("mails", user.mails.order_by("pk"), _mail),
        ("calendar_addresses", CalendarFeed.objects.filter(user=user), _feed),
    ]


def _payments(user: User) -> "QuerySet[Payment]":
    return Payment.objects.filter(payer=user).prefetch_related("items", "refunds").order_by("pk")


def _about(user: User) -> Entry:
    return {
        "service": _("매일 달라지는 코디"),
        "site": settings.SITE_URL,
        "made_at": timezone.localtime(),
        "of": user.userid,
        "time_zone": settings.TIME_ZONE,
        "explanation": _("살롱이 이 회원에 대해 가진 자료입니다. 금액은 원, 예약의 날짜와 시각은 서울 시간입니다."),
    }


def _profile(user: User) -> Entry:
    return {
        "userid": user.userid,
        "type": user.get_type_display(),
        "name": user.name,
        "phone": user.pn,
        "email": user.email,
        "email_confirmed_at": user.email_confirmed_at,
        "birth": user.birth,
        "language": user.language,
        "joined_at": user.joined_at,
        "last_signed_in_at": user.last_login,
    }


def _consent(row: Consent) -> Entry:
    return {
        "to": row.kind,
        "version": row.version,
        "given_at": row.given_at,
        "withdrawn_at": row.withdrawn_at,
    }


def _sign_in(row: Session) -> Entry:
    return {"device": row.device, "address": row.ip, "last_used_at": row.seen_at, "ends_at": row.expire_date}


def _app(token: Any) -> Entry:
    return {
        "name": token.application.name,
        "allowed": token.scope.split(),
        "allowed_at": token.created,
        "ends_at": token.expires,
    }


def _reservation(row: Reservation, designers: dict[int, str]) -> Entry:
    return {
        "number": row.pk,
        "date": row.date,
        "time": row.time,
        "minutes": row.designer.slot_minutes,
        "designer": row.designer.user.called,
        "status": row.get_status_display(),
        "note": row.note,
        "photos": _photoids(row),
        "booked_at": row.created_at,
        "no_show_at": row.no_show_at,
        "cancelled_at": row.trashed_at,
        "cancel_reason": row.cancel_reason if row.trashed_by_id == row.customer_id else "",
        "history": [
            {
                "at": line.at,
                "what": line.what.value,
                "by": {True: "me", False: "salon", None: None}[line.by_customer],
                "from": _place(line.before),
                "to": _place(line.after),
            }
            for line in story(row, designers)
        ],
    }


def _place(place: Place | None) -> Entry | None:
    if place is None:
        return None
    return {"date": place.start.date(), "time": place.start.time(), "designer": place.designer}


def _wait(row: Wait) -> Entry:
    return {
        "date": row.date,
        "designer": row.designer.user.called if row.designer else None,
        "asked_at": row.created_at,
        "offered_time": row.offered_time,
        "offered_at": row.offered_at,
        "offered_until": row.offered_until,
        "ended_at": row.ended_at,
        "ended_as": row.ended_as or None,
    }


def _payment(row: Payment) -> Entry:
    return {
        "payment_uid": row.payment_uid,
        "reservation": row.reservation_id,
        "method": row.method,
        "state": row.state,
        "amount": row.amount,
        "paid": row.paid_amount,
        "refunded": row.refunded_amount,
        "items": [{"name": item.name, "price": item.price, "quantity": item.quantity} for item in row.items.all()],
        "card_number": row.card_number or None,
        "instalment_months": row.instalment_months,
        "virtual_account": (
            row.vbank_num
            and {
                "bank": row.vbank_name,
                "number": row.vbank_num,
                "holder": row.vbank_holder,
                "until": row.vbank_due,
            }
        )
        or None,
        "address": row.ip,
        "asked_at": row.created_at,
        "due_at": row.due_at,
        "paid_at": row.paid_at,
        "receipt": row.receipt_url or None,
        "fail_reason": row.fail_reason or None,
        "refunds": [
            {
                "state": refund.state,
                "amount": refund.amount,
                "reason": refund.reason if refund.by_id == row.payer_id else None,
                "account": refund.account
                and {
                    "holder": refund.account.holder,
                    "number": refund.account.number,
                    "bank": refund.account.bank,
                },
                "asked_at": refund.created_at,
                "settled_at": refund.settled_at,
            }
            for refund in row.refunds.all()
        ],
    }


def _photo(row: Photo) -> Entry:
    return {
        "photoid": row.photoid,
        "file": row.filename,
        "type": row.content_type or None,
        "bytes": row.size,
        "sha256": row.sha256,
        "uploaded_at": row.created_at,
        "address": row.ip,
        "link": urljoin(settings.SITE_URL, reverse("pages:my_photo", args=[row.photoid])),
    }


def _photoids(row: Any) -> list[str]:
    live = [attached.photo for attached in row.attachments.all() if attached.photo.live_at]
    return [photo.photoid for photo in live if photo.trashed_at is None]


def _post(row: Post) -> Entry:
    return {
        "postid": row.postid,
        "title": row.title,
        "content": row.cont,
        "photos": _photoids(row),
        "written_at": row.created_at,
        "address": row.ip,
    }


def _comment(row: Comment) -> Entry:
    return {
        "commid": row.commid,
        "postid": row.post.postid,
        "title": row.title,
        "content": row.cont,
        "photos": _photoids(row),
        "written_at": row.created_at,
        "address": row.ip,
    }


def _mail(row: Mail) -> Entry:
    return {
        "to": row.to,
        "subject": row.subject,
        "written_at": row.created_at,
        "sent_at": row.sent_at,
    }


def _feed(row: CalendarFeed) -> Entry:
    return {"made_at": row.created_at}
