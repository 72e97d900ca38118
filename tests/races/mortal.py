"""The real site and the real worker, killed (kill -9) where they are told to: nothing of the product knows of it.

`before settling.settle`, `after imp.charge`, `after Payment.record in services._write` (while in it): a request
to `application` names the place in its header X-Dies, and the last two of these are in the middle of a transaction.

`python -m tests.races.mortal` is the worker. Each line that it reads is a JSON object: `{"start": {"minutes", "dies"}}`
lets a process reconcile (or do another of payments' tasks, by its name in "task") as if it were so many minutes later,
and is answered with its pid; `{"wait": pid}` with the signal that ended it, or 0.
"""

import datetime as dt
import functools
import json
import os
import signal
import sys
import threading
import traceback

import time_machine
from django.db import connections

from cody_site import wsgi
from payments import booking, cancelling, ending, imp, reconciling, refunds, services, settling, tasks
from payments.imp import wire
from payments.models import Payment
from reservations.models import Move


class _Thread(threading.local):
    def __init__(self):
        self.dies, self.inside = "", []


_thread = _Thread()


def application(environ, start_response):
    _arm(environ.get("HTTP_X_DIES", ""))
    return wsgi.application(environ, start_response)


def _arm(dies):
    """With a token in hand, so that IMP's first call is the one that is meant."""
    _thread.dies = ""
    if dies:
        imp.sign_in()
        _thread.dies = dies


def _reached(place):
    if _thread.dies in (place, *(f"{place} in {outer}" for outer in _thread.inside)):
        os.kill(os.getpid(), signal.SIGKILL)


def _watch(owner, name):
    """Tell when this function begins and ends."""
    whole, place = getattr(owner, name), f"{owner.__name__.rpartition('.')[2]}.{name}"

    @functools.wraps(whole)
    def watched(*args, **kwargs):
        _reached(f"before {place}")
        _thread.inside.append(place)
        try:
            result = whole(*args, **kwargs)
        finally:
            _thread.inside.pop()
        _reached(f"after {place}")
        return result

    setattr(owner, name, watched)


for _owner, _names in {
    services: ["_write"],
    booking: ["_give_up"],
    settling: ["request", "_pay", "_fail", "settle", "note", "_found_nothing", "postpone"],
    ending: ["_write"],
    cancelling: ["_write"],
    refunds: ["_write", "send", "_done"],
    reconciling: ["_claim", "_release"],
    imp: ["charge", "cancel", "payment", "payments_of", "schedule", "unschedule", "open_account"],
    wire._Http: ["endheaders", "getresponse"],
    Payment: ["record"],
    Move: ["by_actor"],
}.items():
    for _name in _names:
        _watch(_owner, _name)


# ---------------------------------------------------------------- the worker


def start(minutes, dies, task="reconcile"):
    connections.close_all()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)
            with time_machine.travel(later, tick=True):
                _arm(dies)
                getattr(tasks, task)()
            status = 0
        except BaseException:  # noqa: BLE001 -- a child of a fork goes no further than this
            traceback.print_exc()
        os._exit(status)
    return child


def main():
    for line in sys.stdin:
        told = json.loads(line)
        if "start" in told:
            answer = start(**told["start"])
        else:
            status = os.waitpid(told["wait"], 0)[1]
            answer = os.WTERMSIG(status) or -os.WEXITSTATUS(status)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
