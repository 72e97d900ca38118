"""Health, throttles, logs, start-up and the commands."""

import datetime as dt
import json
import logging
import os
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.test import RequestFactory, override_settings
from django.utils import timezone

from accounts.models import AccountType, Client, Designer, User
from board.models import Comment, Post
from cody_site.api.client_ip import client_ip
from cody_site.demo import salon
from cody_site.demo.sign_ins import PASSWORD
from cody_site.logs import JsonLine
from cody_site.management.commands.verify import differences_from_imp, violations
from media_store.models import Photo, Portrait
from payments.models import Payment, Product
from reservations.models import Reservation
from tests.api import Api, as_app, as_person
from tests.factories import (
    DesignerFactory,
    PaymentFactory,
    PaymentItemFactory,
    RefundFactory,
    ReservationFactory,
    UserFactory,
)
from tests.imp_sandbox import KEY, SECRET

# ---------------------------------------------------------------- health


def test_healthz_asks_nothing(django_assert_num_queries):
    answer = Browser().get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db
def test_readyz_is_ready():
    assert Browser().get("/readyz").json() == {
        "ready": True,
        "database": "ok",
        "migrations": "ok",
        "cache": "ok",
        "storage": "ok",
    }


@pytest.mark.django_db
def test_readyz_names_what_is_down(settings):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }

    answer = Browser().get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert answer.json()["cache"] == "down (ConnectionError)"


# ---------------------------------------------------------------- throttles


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("setting", "call"),
    [
        ("THROTTLE_ANON", lambda: Api().get("/user", {"rule": "all"})),
        ("THROTTLE_SIGNUP", lambda: Api().post("/user", {})),
    ],
)
def test_strangers_are_throttled_by_address(setting, call, settings):
    setattr(settings, setting, 2)

    answers = [call() for _ in range(3)]

    assert [answer.http for answer in answers][:2] != [429, 429]
    assert answers[2].failure == (429, 429, "ERR: Too many requests.")
    assert 0 < int(answers[2].headers["Retry-After"]) <= 61


@pytest.mark.django_db
def test_callers_are_throttled_one_by_one_and_again_served_a_minute_later(settings, clock):
    settings.THROTTLE_USER = 2
    mine, other, app = as_person(UserFactory()), as_person(UserFactory()), as_app()

    assert [mine.get("/reserv", {"rule": "all"}).http for _ in range(3)] == [200, 200, 429]
    assert other.get("/reserv", {"rule": "all"}).http == app.get("/reserv", {"rule": "all"}).http == 200
    clock.shift(61)
    assert mine.get("/reserv", {"rule": "all"}).http == 200


@pytest.mark.django_db
def test_zero_is_no_limit(settings):
    settings.THROTTLE_ANON = 0

    assert {Api().get("/user", {"rule": "all"}).http for _ in range(400)} == {200}


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        (0, None, "127.0.0.1"),
        (0, "6.6.6.6", "127.0.0.1"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (1, None, "127.0.0.1"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4"),
        (2, "10.0.0.1", "127.0.0.1"),
    ],
)
def test_only_our_proxies_are_believed(proxies, forwarded, seen, settings):
    settings.TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded} if forwarded else {})

    assert client_ip(request) == seen


# ---------------------------------------------------------------- what a token does without


@pytest.mark.django_db
def test_a_token_is_answered_with_every_header_that_a_session_is():
    me = UserFactory()

    by_token, by_session = (api.get("/user", {"rule": "all"}).headers for api in (as_person(me), Api(session=me)))

    assert by_token.keys() == by_session.keys()
    assert {key: by_token[key] for key in ("X-Frame-Options", "Content-Security-Policy", "Content-Length")} == {
        "X-Frame-Options": "DENY",
        "Content-Security-Policy": by_session["Content-Security-Policy"],
        "Content-Length": by_session["Content-Length"],
    }


@pytest.mark.django_db
def test_a_token_opens_no_page_and_closes_none():
    me = UserFactory()
    stranger, guest = Browser(), Browser()
    guest.force_login(me, backend="accounts.backends.RoleBackend")

    refused, shown, missing = (
        browser.get(path, headers=as_person(me).headers)
        for browser, path in ((stranger, "/password/change/"), (guest, "/password/change/"), (guest, "/no-such-route"))
    )

    assert (refused.status_code, shown.status_code, missing.status_code) == (302, 200, 404)


# ---------------------------------------------------------------- logs


@pytest.mark.django_db
def test_a_request_is_one_line_without_what_was_asked(caplog):
    me = UserFactory()

    with caplog.at_level(logging.INFO, logger="cody_site.requests"):
        as_person(me).get("/user", {"rule": {"email": me.email}})

    (record,) = caplog.records
    line = json.loads(JsonLine().format(record))
    assert {key: line[key] for key in ("method", "route", "status", "caller", "level")} == {
        "method": "GET",
        "route": "user",
        "status": 200,
        "caller": f"user:{me.pk}",
        "level": "INFO",
    }
    assert me.email not in json.dumps(line)


@pytest.mark.django_db
def test_a_refused_row_stays_out_of_the_log():
    UserFactory(userid="hong", name="홍길동")
    record = None
    try:
        UserFactory(userid="HONG", name="홍길동")
    except IntegrityError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "refused", (), sys.exc_info())

    assert "IntegrityError" in JsonLine().format(record)
    assert "Key (" not in JsonLine().format(record)


@pytest.mark.django_db
def test_the_secret_of_a_mailed_link_stays_out_of_the_log_when_its_form_is_refused(caplog):
    refused = Browser(enforce_csrf_checks=True).post("/invitation/the-secret-of-the-mail/", {"userid": "hong"})

    assert refused.status_code == 403
    assert "CSRF cookie not set" in caplog.text
    assert not any("the-secret" in JsonLine().format(record) for record in caplog.records)


def test_a_line_is_a_line_whatever_is_in_it():
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "a\nb\r\nc", (), None)

    assert len(JsonLine().format(record).splitlines()) == 1


# ---------------------------------------------------------------- start-up


def manage(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=django_settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "cody_site.settings"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_refuses_to_start_without_a_secret_key():
    result = manage("check", DEBUG="0", SECRET_KEY="")

    assert result.returncode != 0
    assert "SECRET_KEY is not set" in result.stderr


def test_production_settings_pass_the_deployment_checks():
    result = manage(
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        DEBUG="0",
        SECRET_KEY="k" * 20 + "e3J9x!" * 10,
        ALLOWED_HOSTS="cody.example",
        TRUSTED_PROXY_COUNT="1",
    )

    assert (result.returncode, result.stderr) == (0, "")


# ---------------------------------------------------------------- commands


@pytest.mark.django_db
@override_settings(DEBUG=True)
def test_the_demo_salon_is_what_the_readme_says(capsys):
    call_command("demo")

    assert dict(User.objects.values_list("userid", "type")) == {
        "staff": 4,
        "finance": 0,
        "system": 3,
        "tester": 5,
        **{f"designer{n}": 2 for n in range(1, 5)},
        **{f"customer{n}": 1 for n in range(1, 21)},
    }
    assert all(user.check_password(PASSWORD) for user in User.objects.all()[:3])
    assert list(Designer.objects.values_list("max_per_hour", "slot_minutes")) == [(1, 30), (2, 30), (4, 30), (4, 30)]
    assert set(Client.objects.values_list("client_id", "password_grant")) == {
        ("demo-server", False),
        ("demo-mobile", True),
    }
    rows = Reservation.objects.all()
    today = timezone.localdate()
    assert {-30 <= (row.date - today).days <= 7 for row in rows} == {True}
    assert not rows.filter(date__week_day=2).exists()  # Mondays
    for customer in User.objects.filter(type=AccountType.CUSTOMER):
        assert customer.reservations.upcoming().count() <= 2
    assert list(Portrait.objects.values_list("designer__user__userid", flat=True).order_by("designer")) == [
        "designer1", "designer2", "designer3", "designer4",
    ]  # fmt: skip
    assert [designer.portfolio.shown().count() for designer in Designer.objects.all()] == [6] * 4
    assert not rows.filter(date__lt=today, no_show_at=None).exclude(status=4).exists()
    prices = dict(Product.objects.values_list("pk", "price"))
    assert (list(prices), min(prices.values()), max(prices.values())) == ([1, 2, 3, 4, 5, 6], 10_000, 120_000)
    assert set(Payment.objects.values_list("state", flat=True)) == {
        "paid", "cancelled", "failed", "pending", "ready", "expired", "scheduled", "revoked",
    }  # fmt: skip
    assert Payment.objects.filter(state="paid", refunded_amount__gt=0).exists()
    assert Product.objects.create(name="새 상품", price=1).pk > 6
    assert list(violations()) == []


@pytest.mark.django_db
def test_the_demo_salon_is_the_same_every_time():
    def build():
        with transaction.atomic():
            salon.build()
            told = [
                list(
                    Reservation.objects.order_by("pk").values_list("customer__userid", "date", "time", "note", "status")
                ),
                list(User.objects.order_by("pk").values_list("userid", "name", "pn", "birth")),
                list(Post.objects.order_by("pk").values_list("postid", "title", "created_at")),
                list(Comment.objects.order_by("pk").values_list("commid", "title", "created_at")),
                list(Photo.objects.order_by("pk").values_list("uploader__userid", "sha256", "created_at")),
                list(Payment.objects.order_by("pk").values_list("payment_uid", "payer__userid", "state", "created_at")),
            ]
            transaction.set_rollback(True)
        assert all(told)
        return told

    assert build() == build()


@pytest.mark.django_db
def test_the_demo_salon_stays_out_of_production_and_of_used_databases():
    with pytest.raises(CommandError, match="DEBUG=1 only"):
        call_command("demo")
    UserFactory()
    with override_settings(DEBUG=True), pytest.raises(CommandError, match="has users"):
        call_command("demo")


@pytest.mark.django_db
def test_verify_finds_nothing_in_good_order(capsys):
    ReservationFactory.create_batch(2)

    call_command("verify")

    assert capsys.readouterr().out == "No violations.\n"


@pytest.mark.django_db
def test_verify_finds_money_that_does_not_add_up(clock):
    wrong_items = PaymentItemFactory(price=1).payment
    wrong_refund = RefundFactory(amount=1, payment=PaymentItemFactory(price=30_000).payment).payment
    forgotten = PaymentItemFactory(price=30_000, payment=PaymentFactory(pending=True)).payment
    told = PaymentItemFactory(price=30_000, payment=PaymentFactory(pending=True, alarm="?")).payment
    clock.shift(dt.timedelta(hours=2))

    assert list(violations()) == [
        f"payment {wrong_refund.payment_uid}: 0 has gone back, but not by its refunds",
        f"payment {wrong_items.payment_uid}: its items do not cost 30000",
        f"payment {forgotten.payment_uid}: in doubt since 2026-03-03 00:00, and nobody was told",
    ]
    assert told.alarm


@pytest.mark.django_db
def test_verify_asks_imp_too(imp_sandbox, settings):
    settings.IMP_BASE_URL, settings.IMP_KEY, settings.IMP_SECRET = imp_sandbox.url, KEY, SECRET
    good, lost = PaymentFactory(), PaymentFactory()
    twice = PaymentFactory(failed=True)
    for payment in (good, twice):
        imp_sandbox.charge(payment.payment_uid, payment.amount)

    assert list(differences_from_imp()) == [
        f"payment {lost.payment_uid}: 30000 is left here, 0 at IMP",
        f"payment {twice.payment_uid}: 0 is left here, 30000 at IMP",
    ]


@pytest.mark.django_db
def test_verify_finds_what_the_constraints_would_have_refused():
    designer = DesignerFactory(max_per_hour=1, user__userid="kim")
    first = ReservationFactory(designer=designer, customer__userid="hong")
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX reservation_one_per_seat")
        cursor.execute("DROP INDEX reservation_one_per_customer_time")
    ReservationFactory(designer=designer, seat=1, customer=first.customer)
    lost = UserFactory(type=AccountType.DESIGNER, userid="lost")
    User.objects.filter(pk=first.customer.pk).update(name="", pn="", email="", birth=None, withdrawn_at=timezone.now())

    assert list(violations()) == [
        "over-full hour: kim 2026-03-05 10h has 2 of 1",
        "customer in two places: hong 2026-03-05 10:00:00",
        "withdrawn customer still expected: hong",
        "withdrawn customer still expected: hong",
        f"designer without a profile: {lost.userid}",
    ]
    with pytest.raises(CommandError, match="5 violations"):
        call_command("verify")
