"""The first screen of the back-office, its search and its lists, over 1,000,000 rows of each kind."""

from statistics import median
from urllib.parse import urlencode

from bench.names import BUSY_DAY, FORMER, SESSION_COOKIE
from bench.result import Result, Table
from bench.site import PROXY, Connection, Site, in_shell, scalar

BAR_MS, DAY_BAR_MS = 300, 150
ROUNDS, WARM_UP = 15, 8

PERSON = {"q, of 20,000 people": "민준", "q, of one": "보배", "q, nobody's": "없는이", "q, end of a phone": "5000"}
YEARS_AGO = {"date_from": "2022-01-01", "date_to": "2022-01-31"}

LISTS: dict[str, dict[str, dict[str, str]]] = {
    "accounts/user": {
        "first": {}, "gone": {"withdrawn": "1"}, "type, rare": {"type__exact": "5"}, "type": {"type__exact": "1"},
        "page 20": {"p": "20"}, "q, a phone": {"q": "010-2000-5000"}, "q, a userid": {"q": "customer5000"},
        "q, in every name": {"q": "손님"}, "q, one letter": {"q": "김"}, "q, name and phone": {"q": "민준 5000"},
        **{what: {"q": words} for what, words in PERSON.items()},
    },
    "reservations/reservation": {
        "today": {}, "all": {"date": "all"}, "this week": {"date": "week"}, "a month long ago": YEARS_AGO,
        "all, status": {"date": "all", "status__exact": "4"},
        "all, status, rare": {"date": "all", "status__exact": "3"},
        "all, a designer who is gone": {"date": "all", "designer": FORMER},
        "all, no-shows": {"date": "all", "no_show": "1"},
        "all, cancelled": {"date": "all", "trash": "in"}, "q, its number": {"q": "#500000"},
        "q, a number": {"q": "123456"},
        **{what: {"q": words} for what, words in PERSON.items()},
    },
    "reservations/move": {
        "the last 7 days": {}, "all": {"at": "all"}, "act, of none": {"at": "all", "act__exact": "undone"},
        "q, a reservation's number": {"q": "#500000"}, **{what: {"q": words} for what, words in PERSON.items()},
    },
    "payments/payment": {
        "the last 30 days": {}, "all": {"created_at": "all"},
        "all, state": {"created_at": "all", "state__exact": "cancelled"},
        "all, state, rare": {"created_at": "all", "state__exact": "failed"}, "needs a person": {"needs": "person"},
        "all, method, of none": {"created_at": "all", "method__exact": "vbank"},
        "q, payment_UID": {"q": "P0000000000005000"}, "q, imp_uid": {"q": "imps_000000005000"},
        **{what: {"q": words} for what, words in PERSON.items()},
    },
    "payments/product": {"first": {}, "on sale": {"on_sale__exact": "1"}, "q": {"q": "웨딩"}},
    "board/post": {
        "first": {}, "trash": {"trash": "in"}, "q, a title": {"q": "이야기 5000"},
        **{what: {"q": words} for what, words in PERSON.items()},
    },
    "board/comment": {"first": {}, "trash": {"trash": "in"}, **{what: {"q": words} for what, words in PERSON.items()}},
    "media_store/photo": {
        "first": {}, "trash": {"trash": "in"}, "q, a file's name": {"q": "IMG_500000"},
        **{what: {"q": words} for what, words in PERSON.items()},
    },
    "accounts/mail": {
        "first": {}, "failed": {"fate": "failed"}, "waiting": {"fate": "waiting"},
        **{what: {"q": words} for what, words in PERSON.items()},
    },
    "cody_site/accesslog": {
        "the last 30 days": {}, "all": {"at": "all"},
        "exports, of which there are none": {"at": "all", "what__exact": "export"},
        **{what: {"q": words} for what, words in PERSON.items()},
    },
}  # fmt: skip


SEARCHES = PERSON | {"name and phone": "민준 5000", "its number": "#500000", "payment_UID": "P0000000000005000"}


def fill(database_url: str) -> str:
    """Give the salon what only the back-office lists; an administrator's session there."""
    return in_shell(database_url, "desk_stock.fill()").strip()


def measure(site: Site, session: str) -> Table:
    """`session` is what `fill` gave of the site's salon."""
    desk = Connection(site.port, PROXY | {"Cookie": f"{SESSION_COOKIE}={session}"})
    former = scalar(site.database_url, f"SELECT id FROM accounts_user WHERE userid = '{FORMER}'")
    results = [
        _measured(
            desk, "the day of four designers with 40 reservations each", f"/admin/?date={BUSY_DAY}", bar=DAY_BAR_MS
        )
    ]
    for what, words in SEARCHES.items():
        results.append(_measured(desk, f"the search box, {what}", f"/admin/search/?{urlencode({'q': words})}"))
    for path, cases in LISTS.items():
        for what, query in cases.items():
            gone = {"designer": str(former)} if "designer" in query else {}
            results.append(_measured(desk, f"{path}, {what}", f"/admin/{path}/?{urlencode(query | gone)}"))
    offered = "/admin/autocomplete/?" + urlencode(
        {"app_label": "reservations", "model_name": "reservation", "field_name": "customer", "term": "민준"}
    )
    results.append(_measured(desk, "a form's field for the customer, of 20,000 people", offered))
    return Table(
        "The back-office",
        "What the first screen, a search or a list of the admin takes, from the request's first byte to the answer's "
        "last, in a salon with 1,000,000 users, reservations, moves, payments, mails, photos and lines of the access "
        "log each, 100,000 posts and products and 200,000 comments: medians of one client, an administrator.",
        ("page", "ms", "bar", "met"),
        tuple(results),
    )


def _measured(desk: Connection, told: str, path: str, *, bar: int = BAR_MS) -> Result:
    for _round in range(WARM_UP):
        desk.get(path)
    spent = median(desk.get(path).seconds * 1000 for _round in range(ROUNDS))
    return Result(told, (f"{spent:.0f}",), f"< {bar} ms", met=spent < bar)
