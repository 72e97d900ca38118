"""Every statement comes a moment late, for the controls: between what was read and what is written upon it there is
time for the others, however few cores and however much else the machine has."""

import random
import time

from django.db.backends.signals import connection_created

LATEST_SECONDS = 0.02


def _late(execute, *args):
    time.sleep(random.uniform(0, LATEST_SECONDS))
    return execute(*args)


def _delay(connection, **_):
    if _late not in connection.execute_wrappers:
        connection.execute_wrappers.append(_late)


connection_created.connect(_delay)
