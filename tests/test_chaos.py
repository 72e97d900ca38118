"""The chaos driver's own claims: it finds nothing where nothing is wrong, and names each thing that is made so.

Its clients use Django's live server here, one after the other; everything else is as in `make chaos`.
"""

import threading
from math import inf

import pytest
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from accounts import actors
from accounts.models import AccountType
from cody_site.demo import salon
from cody_site.demo.sign_ins import PASSWORD
from cody_site.management.commands.verify import differences_from_imp
from cody_site.management.commands.verify import violations as broken_rules
from deploy.chaos import books
from deploy.chaos.apps import App, Phone
from deploy.chaos.clients import Salon
from deploy.chaos.desk import Desk
from deploy.chaos.journal import DOWN, OK, REFUSED, UNKNOWN, Act, Attempt, Journal, Visit
from deploy.chaos.people import Customer
from deploy.chaos.reckoning import violations
from deploy.chaos.table import table
from deploy.chaos.tampering import TAMPERS, control, overfill_an_hour
from media_store.models import Photo
from payments import settling
from payments.models import ConsultationTerms, Payment, When
from tests.factories import DesignerFactory, ProductFactory, UserFactory

LIVELY = 3


class OurBooks:
    """Of the database and the storage of the tests."""

    def __init__(self, sandbox):
        self.sandbox = sandbox

    def query(self, sql):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def execute(self, sql):
        with connection.cursor() as cursor:
            cursor.execute(sql)

    def ledger(self):
        ours = set(self.query("SELECT payment_uid FROM payments_payment")) | self.told
        return [entry for entry in self.sandbox.ledger() if (entry["merchant_uid"],) in ours]

    told = frozenset()
    """Of a sandbox that other tests have paid at before."""

    def photo(self, photoid):
        with default_storage.open(Photo.objects.get(photoid=photoid).storage_key) as file:
            return file.read()

    def complaints(self):
        return {*broken_rules(), *differences_from_imp()}

    def charge_again(self, payment_uid):
        books.charge_again(self.sandbox.data, payment_uid)

    def spoil(self, storage_key):
        default_storage.delete(storage_key)
        default_storage.save(storage_key, ContentFile(b"another picture"))


@pytest.mark.django_db(transaction=True)
def test_the_reckoning_finds_nothing_after_a_day_without_faults_and_all_that_is_made_wrong_then(
    live_server, paying, settings
):
    settings.SECURE_SSL_REDIRECT, settings.STAFF_SECOND_FACTOR = False, True
    _open_salon()
    ours, journal = OurBooks(paying), Journal()
    before = ours.complaints()
    people = _people(live_server.url, paying.url, ours, journal)

    for _round in range(LIVELY):
        for person in people:
            assert person.is_ready()
            for name in person.acts:
                getattr(person, name)()

    for person in people:
        person.session.close()
    for payment in Payment.objects.waiting():
        settling.ask(payment, by=actors.system())  # as IMP's webhooks would have us do
    assert list(violations(ours, journal, before)) == []
    assert not {what for (what, meaning), times in journal.answers.items() if meaning in (DOWN, UNKNOWN) and times}
    assert "**No violations.**" in table(journal, 1, 1, [], 0, has_disk=True)
    assert all(journal.answers[f"another's {what}", REFUSED] for what in ("reservation", "payment", "photo"))
    ours.told = frozenset(ours.query("SELECT payment_uid FROM payments_payment"))
    # Without the one that takes an index away, which the tests after this need; `make chaos` has it.
    tampers = [tamper for tamper in TAMPERS if tamper is not overfill_an_hour]
    named = dict(control(ours, journal, before, 1, tampers))
    assert named == {tamper.__name__.replace("_", " "): True for tamper in tampers}


def _open_salon():
    """The people, app clients and products that the driver knows from the demo, without its history."""
    known = {"password": make_password(PASSWORD)}
    UserFactory(userid="staff", staff=True, **known)
    for number in range(1, 5):
        user = UserFactory(userid=f"designer{number}", type=AccountType.DESIGNER, **known)
        DesignerFactory(user=user, max_per_hour=number)
    for number in range(1, 8):
        UserFactory(userid=f"customer{number}", **known)
    products = [ProductFactory(pk=number, price=10_000 * number) for number in range(1, 7)]
    ConsultationTerms.objects.create(when=When.PREPAID, product=products[0])
    salon.open_to_apps()


def _people(site, imp, ours, journal):
    named = ours.query("SELECT userid, id FROM accounts_user")
    known = Salon(
        url=site,
        imp=imp,
        designers={userid: pk for userid, pk in named if userid.startswith("designer")},
        customers={userid: pk for userid, pk in named if userid.startswith("customer")},
    )
    stop = threading.Event()
    return [
        kind(known, journal, 1, number, stop) for number, kind in enumerate([App, App, Phone, Customer, Desk, Desk])
    ]


# ------------------------------------------------------------ what may be true of a reservation

HERE, THERE = ("designer1", "2026-03-10", "10:00"), ("designer1", "2026-03-10", "15:00")


@pytest.mark.parametrize(
    ("acts", "places"),
    [
        ([Act(HERE, OK, 0, 1)], {HERE}),
        ([Act(HERE, UNKNOWN, 0, inf)], {HERE}),
        ([Act(HERE, REFUSED, 0, 1)], set()),
        ([Act(HERE, OK, 0, 1), Act(THERE, OK, 2, 3)], {THERE}),
        ([Act(HERE, OK, 0, 1), Act(THERE, REFUSED, 2, 3)], {HERE}),
        ([Act(HERE, OK, 0, 1), Act(THERE, UNKNOWN, 2, inf)], {HERE, THERE}),
        ([Act(HERE, OK, 0, 2), Act(THERE, OK, 1, 3)], {HERE, THERE}),
        ([Act(HERE, OK, 0, 1), Act(THERE, UNKNOWN, 2, inf), Act(HERE, OK, 4, 5)], {HERE, THERE}),
    ],
)
def test_a_reservation_may_be_where_the_last_that_was_told_has_put_it_or_what_nobody_knows_of(acts, places):
    assert Visit("words", "customer1", acts=acts).places() == places


def test_what_was_written_before_a_503_nobody_knows():
    journal, visit = Journal(), Visit("words", "customer1")

    Attempt(journal, visit, HERE).ends(DOWN)

    assert [(act.meaning, act.ended) for act in visit.acts] == [(UNKNOWN, inf)]


def test_what_was_noticed_on_the_way_is_a_violation(db, imp_sandbox):
    journal = Journal(strange=["leaked: somebody was given another's photo"])

    assert list(violations(OurBooks(imp_sandbox), journal, set())) == journal.strange
