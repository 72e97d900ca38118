"""What a charge costs beside IMP's own time, and what becomes of the rest of the site while IMP hangs."""

import http.client
import json
import math
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from bench.names import CUSTOMERS
from bench.result import Result, Table
from bench.site import Answer, Connection, Site, listing, manage, serving
from tests.imp_sandbox import CARD, KEY, SECRET, running

CHARGE_BAR_MS, HANG_BAR = 25, 2.0
CHARGES, WARM_UP = 200, 40
STUCK, READS, ROUNDS = 8, 300, 5
PRICE = 30_000
ONETIME = "/subscribe/payments/onetime"
PRODUCT = "from payments.models import Product; print(Product.objects.create(name='커트', price={}).pk)"


def measure(database_url: str) -> Table:
    """Starts its own sites, and IMP's sandbox."""
    product = int(manage(database_url, "shell", "--no-imports", "-v", "0", "-c", PRODUCT.format(PRICE)).split()[-1])
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as sandbox:
        variables = {"IMP_BASE_URL": sandbox.url, "IMP_KEY": KEY, "IMP_SECRET": SECRET, "IMP_TEST_CHANNEL": "1"}
        with serving(database_url, variables=variables) as site:
            results = [_charge(site, sandbox, product)]
        with serving(database_url, threads=8, variables=variables | {"IMP_DEADLINE_SECONDS": "100"}) as site:
            results.append(_reading_while_imp_hangs(site, sandbox, product))
    return Table(
        "Charging",
        f"POST /payment/card/onetime by an app client's token, beside the same charge sent straight to IMP's sandbox "
        f"over a connection of its own, as the site does: {CHARGES} of each in turns; the cost is the median of the "
        f"differences. Then the 99th percentile of GET /post (100 rows, two clients) while {STUCK} charges wait for "
        f"an IMP that does not answer, beside the same when none does: two processes of eight threads, {READS} "
        f"requests of each in turns, {ROUNDS} times, medians.",
        ("what", "site", "beside", "cost", "bar", "met"),
        tuple(results),
    )


def _charge(site: Site, sandbox: Any, product: int) -> Result:
    app, token, numbers = site.app(), sandbox.token, count()

    def through_the_site() -> float:
        return _pay(app, next(numbers), product).seconds

    def straight() -> float:
        return _straight(sandbox.port, token, f"bench-{next(numbers)}")

    pairs = [(through_the_site(), straight()) for _ in range(CHARGES + WARM_UP)][WARM_UP:]
    ours, theirs = (median(pair[place] for pair in pairs) * 1000 for place in (0, 1))
    cost = median(pair[0] - pair[1] for pair in pairs) * 1000
    return Result(
        "a charge", (f"{ours:.1f} ms", f"{theirs:.1f} ms", f"{cost:.1f} ms more"),
        f"< {CHARGE_BAR_MS} ms", met=cost < CHARGE_BAR_MS,
    )  # fmt: skip


def _pay(app: Connection, customer: int, product: int) -> Answer:
    return app.post(
        "/payment/card/onetime",
        paytype=1, cardnum=CARD["card_number"], expiry=CARD["expiry"], pwd=CARD["pwd_2digit"], birth=CARD["birth"],
        userid=f"customer{customer % CUSTOMERS + 1}", p_array=[product],
    )  # fmt: skip


def _straight(port: int, token: str, merchant_uid: str) -> float:
    """One connection, one charge: the seconds from the first to the last."""
    body = json.dumps(CARD | {"merchant_uid": merchant_uid, "amount": PRICE, "name": "커트", "card_quota": 0})
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": token, "Content-Type": "application/json", "Connection": "close"}
    connection.request("POST", ONETIME, body, headers)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    if answer["code"]:
        raise RuntimeError(f"{ONETIME}: {answer}")
    return time.perf_counter() - started


def _reading_while_imp_hangs(site: Site, sandbox: Any, product: int) -> Result:
    readers = [site.app() for _ in range(2)]
    for _ in range(2):
        _p99(readers)
    rounds = []
    for number in range(ROUNDS):
        usual = _p99(readers)
        with _stuck(site, sandbox, product, number):
            rounds.append((_p99(readers), usual))
    hanging, usual = (median(each[place] for each in rounds) for place in (0, 1))
    ratio = median(each[0] / each[1] for each in rounds)
    return Result(
        f"GET /post, 99th percentile, while IMP keeps {STUCK} waiting",
        (f"{hanging:.1f} ms", f"{usual:.1f} ms", f"{ratio:.2f} x the time"),
        f"< {HANG_BAR} x", met=ratio < HANG_BAR,
    )  # fmt: skip


def _p99(readers: list[Connection]) -> float:
    """Of GET /post, in ms, while all of them ask at once."""
    path = listing("/post", rule="all", limit=100)
    seconds: list[float] = []

    def read(app: Connection) -> None:
        seconds.extend(app.get(path).seconds for _ in range(READS // len(readers)))

    threads = [threading.Thread(target=read, args=(app,)) for app in readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(seconds)[math.ceil(len(seconds) * 0.99) - 1] * 1000


@contextmanager
def _stuck(site: Site, sandbox: Any, product: int, number: int) -> Iterator[None]:
    """So many charges wait for IMP, which holds them until it is started anew."""
    sandbox.fault("timeout-before", STUCK)
    headers = site.app_headers()

    def pay(customer: int) -> None:
        told = "503"
        while "503" in told:  # as long as all lines of the process that it came to are taken
            try:
                _pay(Connection(site.port, headers), customer, product)
            except RuntimeError as refused:
                told = str(refused)

    waiting = [threading.Thread(target=pay, args=(number * STUCK + place,), daemon=True) for place in range(STUCK)]
    for thread in waiting:
        thread.start()
    time.sleep(1)
    if not all(thread.is_alive() for thread in waiting):
        raise RuntimeError("not all of them wait for IMP")
    yield
    sandbox.kill()
    for thread in waiting:
        thread.join()
    sandbox.start()
