"""The site without its write-ahead, for the control: all of a charge is one transaction, IMP's answer within it."""

import contextlib
from types import SimpleNamespace

from django.db import transaction

from cody_site import transactions
from tests.races import mortal

application, services = mortal.application, mortal.services
_charge = services.charge


def _in_one_transaction(**given):
    with transaction.atomic():
        return _charge(**given)


services.charge = _in_one_transaction
transactions.transaction = SimpleNamespace(atomic=lambda **kwargs: contextlib.nullcontext())
