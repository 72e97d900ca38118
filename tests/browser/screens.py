"""The back-office's own screens, by name, and how the administrator comes to each."""

from django.urls import reverse

NAMES = (
    "day", "book", "move", "cancel", "sick-day", "client", "search", "reports", "report", "export",
    "reservations", "reservation", "payments", "security",
)  # fmt: skip


def address(name, salon):
    book = f"{reverse('back_office:book')}?date={salon.late.date}&designer={salon.soyul.pk}&time=11:00"
    return {
        "day": reverse("back_office:day"),
        "book": book,
        "move": reverse("back_office:move", args=[salon.late.pk]),
        "cancel": reverse("back_office:cancel", args=[salon.paid.pk]),
        "sick-day": f"{reverse('back_office:sick_day')}?designer={salon.hanul.pk}",
        "client": reverse("back_office:client", args=[salon.chaewon.pk]),
        "search": f"{reverse('back_office:search')}?q=나",
        "reports": reverse("back_office:reports"),
        "report": reverse("back_office:report", args=["revenue-by-payment-date"]),
        "export": reverse("back_office:export"),
        "reservations": reverse("admin:reservations_reservation_changelist"),
        "reservation": reverse("admin:reservations_reservation_change", args=[salon.paid.pk]),
        "payments": reverse("admin:payments_payment_changelist"),
        "security": reverse("accounts:security"),
    }[name]
