"""Who and what the benchmarked salon has, for those that fill it and those that ask it."""

import datetime as dt
from typing import NamedTuple

CLIENT, SECRET = "bench", "a-secret-of-the-bench"
DESIGNERS, FORMER = 20, "former"
WALK_IN, RARE = "walkin", "rare"
PRODUCT, RARE_PRODUCT = "커트 상담", "웨딩 헤어"
COMMON_NAME, RARE_NAME = "김민준", "남궁바름"
CUSTOMERS = 20_000
"""Who has reservations, of all the users."""

DAYS_AHEAD = 10


class Wish(NamedTuple):
    """One reservation, of words and numbers that stand nowhere else in the statements that it takes."""

    customer: str = "bench.customer"
    customer_pk: int = 900_000_001
    designer: str = "bench.designer"
    designer_pk: int = 900_000_002
    capacity: int = 97
    date: str = "2031-03-04"
    time: str = "20310304-13:30"


WISH = Wish()

BUSY_DAY = dt.date(2019, 6, 3)
"""Before all others: four designers with 40 reservations each."""
SESSION_COOKIE = "__Host-sessionid"
