import os
import signal

import pytest

from tests import servers
from tests.races import databases, money
from tests.races.site import Site, running


@pytest.fixture(scope="session", autouse=True)
def _orderly_end():
    """Whoever ends the tests ends the servers."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_database(request, tmp_path_factory):
    """A context manager that yields the URL of a new, empty database."""
    if request.param == "sqlite":
        yield lambda: databases.sqlite(tmp_path_factory.mktemp("sqlite"))
    elif os.environ.get("DATABASE_URL", "").startswith("postgres"):
        yield lambda: databases.postgresql(os.environ["DATABASE_URL"])
    elif servers.postgres_programs() is None:
        pytest.skip("PostgreSQL is not installed, and DATABASE_URL names no other")
    else:
        with servers.postgres() as server:
            yield lambda: databases.postgresql(server)


@pytest.fixture(scope="session")
def site(new_database, tmp_path_factory):
    with new_database() as url, running(url, tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="session")
def unprotected_site(new_database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unprotected")
    with new_database() as url, running(url, folder, "tests.races.unprotected", without_indexes=True) as site:
        yield site


@pytest.fixture(scope="session")
def _selling(new_database, tmp_path_factory):
    with new_database() as url, money.selling(url, tmp_path_factory.mktemp("selling")) as selling:
        yield selling


@pytest.fixture
def selling(_selling):
    """A site that sells through IMP's sandbox; each test leaves books that agree, and no card."""
    yield _selling
    _selling.agree()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """A failed race is explained by its server's log."""
    report = yield
    if report.failed:
        for site in {id(site): site for site in map(_site_of, item.funcargs.values())}.values():
            if isinstance(site, Site) and site.complaints():
                report.sections.append(("gunicorn", "\n".join(site.complaints()[-200:])))
    return report


def _site_of(value):
    return value.site if isinstance(value, money.Money) else value
