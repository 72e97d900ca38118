"""The first 100 rows of every filter, in a small salon and in one a hundred times larger."""

import datetime as dt
from collections.abc import Iterator
from statistics import median
from typing import Any, NamedTuple

from bench.names import COMMON_NAME, FORMER, PRODUCT, RARE, RARE_NAME, RARE_PRODUCT, WALK_IN
from bench.result import Result, Table
from bench.site import Connection, Site, listing, scalar

BAR = 1.3
LIMIT = 100
PAIRS, WARM_UP = 40, 12

YESTERDAY = f"{dt.date.today() - dt.timedelta(days=1):%Y%m%d}"


class Case(NamedTuple):
    """A rule, and the rows that it names in the database's words: where the middle is, only the database knows."""

    path: str
    what: str
    rule: Any
    where: str

    @property
    def title(self) -> str:
        return f"GET {self.path}, {self.what}"

    @property
    def matching(self) -> str:
        return f"FROM {LISTED[self.path]} AND {self.where}"

    @property
    def table(self) -> str:
        return LISTED[self.path].split()[0]


LISTED = {
    "/reserv": "reservations_reservation JOIN accounts_user customer ON customer.id = customer_id "
    "JOIN accounts_user designer ON designer.id = designer_id WHERE trashed_at IS NULL",
    "/user": "accounts_user WHERE true",
    "/payment": "payments_payment JOIN accounts_user payer ON payer.id = payer_id WHERE true",
    "/product": "payments_product WHERE on_sale",
}
"""What each list has, in the database's words."""


CASES = [
    Case("/reserv", "all", "all", "true"),
    Case("/reserv", "id", {"id": 5000}, "reservations_reservation.id = 5000"),
    Case("/reserv", "userid", {"userid": WALK_IN}, f"customer.userid = '{WALK_IN}'"),
    Case("/reserv", "userid, rare", {"userid": RARE}, f"customer.userid = '{RARE}'"),
    Case("/reserv", "status", {"status": 4}, "status = 4"),
    Case("/reserv", "status, to come", {"status": 0}, "status = 0"),
    Case("/reserv", "status, rare", {"status": 3}, "status = 3"),
    Case("/reserv", "designerid", {"designerid": "designer1"}, "designer.userid = 'designer1'"),
    Case("/reserv", "designerid, rare", {"designerid": FORMER}, f"designer.userid = '{FORMER}'"),
    Case("/reserv", "date", {"date": YESTERDAY}, f"date = '{YESTERDAY}'"),
    Case("/reserv", "time", {"time": "15:00"}, "time = '15:00'"),
    Case("/reserv", "time, rare", {"time": "09:15"}, "time = '09:15'"),
    Case("/reserv", "none (no such designer)", {"designerid": "nobody"}, "false"),
    Case("/user", "all", "all", "true"),
    Case("/user", "userid", {"userid": "customer5000"}, "userid = 'customer5000'"),
    Case("/user", "name", {"name": COMMON_NAME}, f"name = '{COMMON_NAME}'"),
    Case("/user", "name, rare", {"name": RARE_NAME}, f"name = '{RARE_NAME}'"),
    Case("/user", "type", {"type": 1}, "type = 1"),
    Case("/user", "type, rare", {"type": 5}, "type = 5"),
    Case("/user", "pn", {"pn": "+821020005000"}, "pn = '+821020005000'"),
    Case("/user", "email", {"email": "customer5000@example.com"}, "email = 'customer5000@example.com'"),
    Case("/payment", "all", "all", "true"),
    Case("/payment", "payment_UID", {"payment_UID": f"P{5000:016}"}, f"payment_uid = 'P{5000:016}'"),
    Case("/payment", "userid", {"userid": WALK_IN}, f"payer.userid = '{WALK_IN}'"),
    Case("/payment", "userid, rare", {"userid": RARE}, f"payer.userid = '{RARE}'"),
    Case("/payment", "status", {"status": "paid"}, "state = 'paid'"),
    Case("/payment", "status, to come", {"status": "pending"}, "state IN ('created', 'requested', 'pending')"),
    Case("/payment", "status, rare", {"status": "failed"}, "state = 'failed'"),
    Case("/product", "all", "all", "true"),
    Case("/product", "id", {"id": 500}, "payments_product.id = 500"),
    Case("/product", "name", {"name": PRODUCT}, f"name = '{PRODUCT}'"),
    Case("/product", "name, rare", {"name": RARE_PRODUCT}, f"name = '{RARE_PRODUCT}'"),
]


class Salon(NamedTuple):
    app: Connection
    database_url: str

    def middle(self, case: Case) -> int:
        """The id in the middle of the rows that the case names; 0 if there are none."""
        half = f"percentile_disc(0.5) WITHIN GROUP (ORDER BY {case.table}.id)"
        return scalar(self.database_url, f"SELECT {half} {case.matching}")


def measure(small: Site, large: Site) -> Table:
    salons = [Salon(site.app(), site.database_url) for site in (small, large)]
    return Table(
        "Filters",
        f"Latency in ms of one client that asks for `limit={LIMIT}`, in a salon of 10,000 reservations, users and "
        "payments each and 1,000 products, and in one a hundred times larger: medians of requests in turns. `after` is "
        "in the middle of what the rule names. A rare value has 20 rows, the oldest of all; a status to come has only "
        "the newest. "
        "Rows is how many came, from both sizes.",
        ("request", "rows", "at 10,000", "at 1,000,000", "ratio", "bar", "met"),
        tuple(_result(title, salons, paths) for title, paths in _requests(salons)),
    )


def _requests(salons: list[Salon]) -> Iterator[tuple[str, list[str]]]:
    """Every rule, without and with `after`; a path for each salon, since the ids in the middle are its own."""
    for case in CASES:
        yield case.title, [listing(case.path, rule=case.rule, limit=LIMIT)] * 2
        yield (
            f"{case.title}, `after`",
            [listing(case.path, rule=case.rule, limit=LIMIT, after=salon.middle(case)) for salon in salons],
        )


def _result(title: str, salons: list[Salon], paths: list[str]) -> Result:
    asked = list(zip(salons, paths, strict=True))
    rows = [len(salon.app.get(path).contents) for salon, path in asked]
    for salon, path in asked:  # every thread of every process plans the query once
        for _ in range(WARM_UP):
            salon.app.get(path)
    pairs = [[salon.app.get(path).seconds * 1000 for salon, path in asked] for _ in range(PAIRS)]
    small, large = (median(pair[place] for pair in pairs) for place in (0, 1))
    ratio = large / small
    told = f"{rows[0]}" if rows[0] == rows[1] else f"{rows[0]} / {rows[1]}"
    return Result(title, (told, f"{small:.2f}", f"{large:.2f}", f"{ratio:.2f}"), f"<= {BAR}", met=ratio <= BAR)
