"""POST /reserv, beside pgbench running the statements that one POST sends, each place in the salon once."""

import datetime as dt
import json
import tempfile
from functools import partial
from itertools import count
from pathlib import Path

from bench.load import CLIENTS, SECONDS, compared, pgbench, wrk
from bench.names import CUSTOMERS, DAYS_AHEAD, WISH
from bench.result import Result, Table
from bench.site import ROOT, Site, in_shell, scalar

PLACES_A_DAY = 720  # 20 designers, 18 half hours, two of the hour's four seats in each
PLACES_A_RUN = 10_000  # more than anybody reserves in one run
RUNS = count()
FIRST_DAY = dt.date.today() + dt.timedelta(days=DAYS_AHEAD + 2)  # the salon may be a day ahead of this machine
WHO_RESERVE = CUSTOMERS - 200

RESERVATIONS = "SELECT count(*) FROM reservations_reservation"


def measure(site: Site) -> Table:
    headers = site.app_headers()
    before = scalar(site.database_url, RESERVATIONS)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        script = Path(folder) / "reserve.sql"
        statements = json.loads(in_shell(site.database_url, "statements.show_reserving()"))
        script.write_text(_script(statements, site.database_url))

        def in_sql() -> float:
            return pgbench(site.database_url, script, n=0, clients=CLIENTS, first=next(RUNS) * PLACES_A_RUN)

        subject, baseline, ratio = compared(partial(post, site.url, headers), in_sql)
    if scalar(site.database_url, RESERVATIONS) - before < (subject + baseline) * SECONDS:
        raise RuntimeError("reservations are missing: some of these requests were refused")
    return Table(
        "Writing",
        f"POST /reserv beside pgbench with the {len(statements)} statements that one POST sends, in one transaction "
        f"where the site has them in one: what PostgreSQL alone could take. {CLIENTS} connections each.",
        ("what", "POST/s", "pgbench tx/s", "ratio", "bar", ""),
        (Result("POST /reserv", (f"{subject:,.0f}", f"{baseline:,.0f}", f"{ratio:.0%}"), "none"),),
    )


def post(url: str, headers: dict[str, str], designers: int = 20, customers: int = WHO_RESERVE) -> float:
    """POST /reserv for a while, each a place of its own, with so many designers: reservations a second."""
    noon = int(dt.datetime.combine(FIRST_DAY, dt.time(12)).timestamp())
    given = [str(number) for number in (next(RUNS) * PLACES_A_RUN, noon, customers, designers)]
    return wrk(url, headers | {"Content-Type": "application/json"}, str(ROOT / "bench/reserve.lua"), *given)


def _script(statements: list[str], database_url: str) -> str:
    """The statements of one POST as a pgbench script, whose every run takes the place after that of the run before."""
    first_customer = scalar(database_url, "SELECT id FROM accounts_user WHERE userid = 'customer1'")
    first_designer = scalar(database_url, "SELECT id FROM accounts_user WHERE userid = 'designer1'")
    script = [
        r"\set n :n + 1",
        r"\set place :first + :n * :clients + :client_id",
        rf"\set customer :place * 7 % {WHO_RESERVE}",
        r"\set designer :place % 20",
        r"\set slot :place / 20 % 18",
        r"\set hour 10 + :slot / 2",
        r"\set seat 1 + 2 * (:slot % 2) + :place % 720 / 360",
        r"\set day :place / 720",
        rf"\set customer_pk {first_customer} + :customer",
        rf"\set designer_pk {first_designer} + :designer",
        r"\set customer :customer + 1",
        r"\set designer :designer + 1",
    ]
    words = {
        f"'{WISH.customer}'": "'customer:customer'",
        f"'{WISH.designer}'": "'designer:designer'",
        str(WISH.customer_pk): ":customer_pk",
        str(WISH.designer_pk): ":designer_pk",
        f"'{WISH.date}'::date": f"('{FIRST_DAY}'::date + :day)",
        "'13:30:00'::time": "('10:00'::time + :slot * interval '30 minutes')",
        "IN (13)": "IN (:hour)",
        f", 1, {WISH.capacity}, ": ", :seat, 4, ",
    }
    for statement in statements:
        text = statement
        for word, replacement in words.items():
            text = text.replace(word, replacement)
        script.append(f"{text};")
    return "\n".join(script) + "\n"
