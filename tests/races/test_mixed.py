import contextlib
import logging
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from tests.races import databases
from tests.races.crowd import ACTS, Ledger, Somebody

pytestmark = pytest.mark.races
logger = logging.getLogger(__name__)

SECONDS = 20
PEOPLE = 8
SECONDS_BETWEEN_CHECKS = 1


def test_no_rule_breaks_while_everybody_does_everything(site):
    ledger = Ledger(site)
    crowd = [Somebody(site, ledger, seed) for seed in range(PEOPLE)]
    end, over = time.monotonic() + SECONDS, Event()

    def live(somebody):
        with contextlib.closing(somebody):
            while time.monotonic() < end:
                somebody.act()

    def check():
        violations = []
        while not over.wait(SECONDS_BETWEEN_CHECKS):
            violations.append(site.verify())
        return violations

    with ThreadPoolExecutor(PEOPLE + 1) as pool:
        checks = pool.submit(check)
        try:
            list(pool.map(live, crowd))
        finally:
            over.set()

    answers = sum((somebody.answers for somebody in crowd), Counter())
    done = sum((somebody.done for somebody in crowd), Counter())
    conflicts = sum(count for (_, status), count in answers.items() if status == 409)
    logger.info("answers %s; done %s; %d checks", sorted(answers.items()), done, len(checks.result()))

    assert "".join([*checks.result(), site.verify()]) == ""
    assert {status for _, status in answers} <= {200, 302, 403, 409}
    assert site.complaints() == []
    assert conflicts <= answers.total() / 100
    assert min(done[act.__name__] for act in ACTS) > 0, done
    assert databases.deadlocks(site.database_url) == 0
