"""What is sold."""

from collections.abc import Iterable

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cody_site.sql import Negative

DEAREST = 100_000_000
"""Of a product, in won."""


class ProductQuerySet(models.QuerySet["Product"]):
    def on_sale(self) -> "ProductQuerySet":
        return self.filter(on_sale=True)


class Product(models.Model):
    name = models.CharField(_("이름"), max_length=40)
    price = models.PositiveIntegerField(
        _("가격(원)"),
        validators=[MinValueValidator(1), MaxValueValidator(DEAREST)],
        help_text=_("이미 결제된 금액은 바뀌지 않습니다."),
    )
    description = models.TextField(_("설명"), max_length=1000, blank=True)
    on_sale = models.BooleanField(_("판매 중"), default=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("상품"), pgettext_lazy("plural", "상품")
        constraints = [
            models.CheckConstraint(name="product_price_in_range", condition=models.Q(price__gte=1, price__lte=DEAREST)),
        ]
        indexes = [models.Index("name", Negative("id"), name="product_name")]

    def __str__(self) -> str:
        return self.name


def total(products: Iterable[tuple[Product, int]]) -> int:
    return sum(product.price * quantity for product, quantity in products)
