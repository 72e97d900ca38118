"""What a request costs, and how many are answered, as processes are added and as the salon grows."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median
from typing import NamedTuple

from bench.load import CLIENTS, SECONDS, wrk
from bench.names import BUSY_DAY, SESSION_COOKIE
from bench.reserving import post
from bench.result import Result, Table
from bench.site import PROXY, Site, children, listing, postgres_pid, processor_seconds

PROCESSES, SIZES = (1, 2, 4), (10_000, 100_000, 1_000_000)
ROUNDS = 9
PAGE_SECONDS = 3  # a page takes longer than a row
WHO_RESERVE = SIZES[0] - 1000  # customers that even the smallest salon has


class Work(NamedTuple):
    ask: Callable[[], float]
    """For so many `seconds`; answers a second."""
    seconds: int = SECONDS


class Cost(NamedTuple):
    rate: float
    """Answers a second."""
    processor: float
    """Processor time of one, in ms: the site's processes and PostgreSQL's together."""


def of_apps(site: Site) -> dict[str, Work]:
    """What app clients ask."""
    headers = site.app_headers()
    row = site.app().get(listing("/reserv", rule="all", limit=1)).contents[0]
    one, many = listing("/reserv", rule={"id": row["id"]}), listing("/reserv", rule="all", limit=1000)
    return {
        "GET /reserv, one row": Work(partial(wrk, site.url + one, headers)),
        "GET /reserv, 1,000 rows": Work(partial(wrk, site.url + many, headers)),
        "POST /reserv": Work(partial(post, site.url, headers, customers=WHO_RESERVE)),
        "POST /reserv, all with one designer": Work(
            partial(post, site.url, headers, designers=1, customers=WHO_RESERVE)
        ),
    }


def of_people(site: Site, session: str) -> dict[str, Work]:
    """What customers and the desk look at most; `session` is an administrator's."""
    desk = PROXY | {"Cookie": f"{SESSION_COOKIE}={session}"}
    pages = {
        "the customers' page to reserve": (f"{site.url}/reserve/", PROXY),
        "the desk's day": (f"{site.url}/admin/?date={BUSY_DAY}", desk),
    }
    return {what: Work(partial(wrk, *page, seconds=PAGE_SECONDS), PAGE_SECONDS) for what, page in pages.items()}


def by_processes(sites: Sequence[Site]) -> Table:
    """Sites of PROCESSES processes at one database."""
    return _table("More processes", _processes({site: of_apps(site) for site in sites}))


def by_size(sites: Sequence[Site]) -> Table:
    """Sites whose salons have SIZES reservations, users and payments."""
    return _table("More rows", _sizes({site: of_apps(site) for site in sites}))


def pages_by_processes(sites: Sequence[Site], sessions: Mapping[str, str]) -> Table:
    works = {site: of_people(site, sessions[site.database_url]) for site in sites}
    return _table("More processes, pages", _processes(works))


def pages_by_size(sites: Sequence[Site], sessions: Mapping[str, str]) -> Table:
    works = {site: of_people(site, sessions[site.database_url]) for site in sites}
    return _table("More rows, pages", _sizes(works))


class Growth(NamedTuple):
    told: str
    names: Sequence[str]
    works: Sequence[tuple[Site, Mapping[str, Work]]]
    beside: int
    """Which of them is held against the first."""
    bar: float


def _processes(works: Mapping[Site, Mapping[str, Work]]) -> Growth:
    told = "The same salon of 100,000 reservations, by sites of so many processes; this machine has two cores."
    names = [f"{number} process{'es' if number > 1 else ''}" for number in PROCESSES]
    return Growth(told, names, list(works.items()), 1, 1.1)


def _sizes(works: Mapping[Site, Mapping[str, Work]]) -> Growth:
    told = "Sites of two processes, whose salons have so many reservations, users and payments."
    return Growth(told, [f"{size:,} rows" for size in SIZES], list(works.items()), 2, 1.3)


def _table(title: str, growth: Growth) -> Table:
    results = []
    for what in growth.works[0][1]:
        costs = _in_turns([(site, work[what]) for site, work in growth.works])
        ratio = median(at[growth.beside].processor / at[0].processor for at in costs)
        rates = [f"{median(at[number].rate for at in costs):,.0f}" for number in range(len(growth.works))]
        spent = [f"{median(at[number].processor for at in costs):.2f}" for number in range(len(growth.works))]
        results.append(Result(what, (*rates, *spent, f"{ratio:.2f}"), f"<= {growth.bar}", met=ratio <= growth.bar))
    return Table(
        title,
        f"{growth.told} Answers a second, then what each takes of a processor in ms, the site's processes and "
        f"PostgreSQL's together; growth is {growth.names[growth.beside]} beside {growth.names[0]}, in turns. "
        f"wrk, {CLIENTS} connections.",
        (
            "what",
            *(f"{name}, a second" for name in growth.names),
            *(f"{name}, ms" for name in growth.names),
            "growth",
            "bar",
            "met",
        ),
        tuple(results),
    )


def _in_turns(works: Sequence[tuple[Site, Work]]) -> list[list[Cost]]:
    for _site, work in works:
        work.ask()  # everything is read in
    return [
        [_cost(*one) for one in works] if turn % 2 else [_cost(*one) for one in reversed(works)][::-1]
        for turn in range(ROUNDS)
    ]


def _cost(site: Site, work: Work) -> Cost:
    server = postgres_pid(site.database_url)
    before = _clocks(site, server)
    rate = work.ask()
    spent = sum(seconds - before.get(pid, 0) for pid, seconds in _clocks(site, server).items())
    return Cost(rate, spent / (rate * work.seconds) * 1000)


def _clocks(site: Site, server: int) -> dict[int, float]:
    """The processor time of each process of the site and of PostgreSQL; what has just ended is left out."""
    clocks = {}
    for pid in (*site.workers, *children(server)):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            clocks[pid] = processor_seconds(pid)
    return clocks
