"""GET /product, and the counter where staff keep it."""

import pytest
from django.test import Client as Browser

from payments.models import Product
from tests.api import Api, as_app, as_person
from tests.factories import ProductFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_everybody_sees_what_is_on_sale():
    cut = ProductFactory(name="커트", price=30_000, description="한 시간")
    ProductFactory(on_sale=False)
    row = {"id": cut.pk, "name": "커트", "price": 30_000, "description": "한 시간"}

    for api in (Api(), as_person(UserFactory()), as_app()):
        assert api.get("/product", {"rule": "all"}).contents == [row]
    assert Api().get("/product", {"rule": {"id": cut.pk}}).contents == [row]
    assert Api().get("/product", {"rule": {"name": "커트"}}).contents == [row]
    assert Api().get("/product", {"rule": {"name": "펌"}}).contents == []


def test_what_is_no_rule():
    assert Api().get("/product").failure == (400, 400, "Cannot find key 'rule'")
    assert Api().get("/product", {"rule": {"price": 1}}).failure == (
        400, 400, "Some of Information Type Not Match",
    )  # fmt: skip


@pytest.mark.parametrize(("trait", "allowed"), [("finance", True), ("staff", True), ("system", False)])
def test_who_writes_money_keeps_products(trait, allowed):
    browser = Browser()
    browser.force_login(UserFactory(**{trait: True}), backend="accounts.backends.RoleBackend")

    answer = browser.post(
        "/admin/payments/product/add/", {"name": "펌", "price": "90000", "description": "", "on_sale": "on"}
    )

    assert answer.status_code == (302 if allowed else 403)
    assert Product.objects.exists() == allowed
    assert browser.get("/admin/payments/product/").status_code == 200


def test_a_price_is_positive():
    browser = Browser()
    browser.force_login(UserFactory(staff=True), backend="accounts.backends.RoleBackend")

    answer = browser.post("/admin/payments/product/add/", {"name": "펌", "price": "0"})

    assert answer.status_code == 200
    assert not Product.objects.exists()
