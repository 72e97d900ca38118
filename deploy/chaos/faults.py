"""What goes wrong, one after the other by seeded chance, and is put right again."""

import contextlib
import random
import subprocess
import threading
import traceback
from collections.abc import Callable

import requests

from deploy.chaos.books import ClusterBooks
from deploy.chaos.journal import Journal
from deploy.cluster import HOME, SITES, WORKERS, Cluster, Service

CHARGES = ["timeout-after", "reset-after", "500-after", "reset-before", "malformed-after", "slow-after"]

DUE = "UPDATE payments_paymentdue SET pay_by = now() + interval '2 seconds' WHERE pay_by > now() + interval '2 seconds'"


class Faults(threading.Thread):
    """One at a time, with a pause in which the site may come to itself."""

    def __init__(
        self, cluster: Cluster, books: ClusterBooks, journal: Journal, seed: int, stop: threading.Event
    ) -> None:
        super().__init__(name="faults", daemon=True)
        self.cluster, self.books, self.journal, self.stop = cluster, books, journal, stop
        self.random = random.Random(seed)
        self.kinds: list[Callable[[], None]] = [
            self.kill_site, self.kill_worker, self.kill_redis, self.restart_postgresql, self.kill_postgresql,
            self.hang_imp, self.lose_answers_of_imp, self.hang_s3, self.hang_redis, self.kill_beat, self.reload_sites,
            self.let_time_pass, *([self.fill_disk] if cluster.has_disk else []),
        ]  # fmt: skip

    def run(self) -> None:
        """All kinds in a shuffled order, again and again: no run leaves one out that is long enough."""
        while not self.stop.is_set():
            for kind in self.random.sample(self.kinds, len(self.kinds)):
                if self.stop.wait(self.random.uniform(2, 5)):
                    return
                try:
                    kind()
                except Exception:  # noqa: BLE001 -- a fault that did not happen proves nothing
                    self.journal.wonder(f"the driver's faults fell over: {traceback.format_exc()[-600:]}")
                self.journal.faults[kind.__name__.replace("_", " ")] += 1

    def kill_site(self) -> None:
        self._killed(self.cluster.services[self.random.choice(SITES)])

    def kill_worker(self) -> None:
        self._killed(self.cluster.services[self.random.choice(WORKERS)])

    def kill_redis(self) -> None:
        self._killed(self.cluster.services["redis"])

    def kill_postgresql(self) -> None:
        self._killed(self.cluster.services["postgresql"])

    def restart_postgresql(self) -> None:
        self.cluster.services["postgresql"].stop()
        self.cluster.services["postgresql"].start()

    def reload_sites(self) -> None:
        """As an upgrade does: in order, one after the other."""
        for name in SITES:
            self.cluster.services[name].stop()
            self.cluster.services[name].start()

    def hang_imp(self) -> None:
        self._frozen(self.cluster.services["imp-sandbox"])

    def hang_s3(self) -> None:
        self._frozen(self.cluster.services["s3"])

    def lose_answers_of_imp(self) -> None:
        control = f"http://127.0.0.1:{self.cluster.services['imp-sandbox'].port}/sandbox/faults"
        with contextlib.suppress(requests.RequestException):
            requests.post(control, json={"kind": self.random.choice(CHARGES), "times": 3}, timeout=5)

    def hang_redis(self) -> None:
        self._frozen(self.cluster.services["redis"])

    def kill_beat(self) -> None:
        self._killed(self.cluster.services["beat"])

    def fill_disk(self) -> None:
        """Of var/, as the sites, the workers and nginx have it: uploads, long bodies and long answers pass it."""
        filler = HOME / "var" / "filler"
        subprocess.run(["dd", "if=/dev/zero", f"of={filler}", "bs=64k"], stderr=subprocess.DEVNULL, check=False)
        self.stop.wait(self.random.uniform(3, 6))
        filler.unlink(missing_ok=True)

    def let_time_pass(self) -> None:
        """All that waits to be paid is due at once: the worker gives it up, while some are just paying."""
        self.books.execute(DUE)

    def _killed(self, service: Service) -> None:
        service.kill()
        self.stop.wait(self.random.uniform(0.5, 3))
        service.start()

    def _frozen(self, service: Service) -> None:
        service.freeze()
        self.stop.wait(self.random.uniform(2, 8))
        service.thaw()
