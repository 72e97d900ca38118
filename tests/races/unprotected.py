"""The real application without its protection against races, for the control: no locks, no transactions, no haste."""

import contextlib
from types import SimpleNamespace

from django.db.models import QuerySet

from cody_site import transactions
from tests.races import late, mortal  # noqa: F401 -- late connections

application = mortal.application

QuerySet.select_for_update = lambda rows, *args, **kwargs: rows
transactions.transaction = SimpleNamespace(atomic=lambda **kwargs: contextlib.nullcontext())
