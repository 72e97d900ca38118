"""The fixture `paying`: the site under test pays through the IMP sandbox."""

import pytest

from payments.imp import exchange
from tests.imp_sandbox import KEY, SECRET


@pytest.fixture
def paying(imp_sandbox, settings):
    """The site pays through the sandbox; which is the fixture's value."""
    settings.IMP_BASE_URL, settings.IMP_KEY, settings.IMP_SECRET = imp_sandbox.url, KEY, SECRET
    settings.IMP_TEST_CHANNEL = True
    settings.IMP_DEADLINE_SECONDS = 2
    exchange._Held.token = None
    return imp_sandbox
