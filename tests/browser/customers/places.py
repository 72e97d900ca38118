"""The customers' pages by name, each with its path, for who looks at them: nobody in particular, or one customer."""

from urllib.parse import urlencode

from django.urls import reverse


def public(salon):
    return {
        "home": reverse("home"),
        "designers": reverse("pages:designers"),
        "designer": reverse("pages:designer", args=[salon.designer.pk]),
        "reserve": reverse("pages:reserve"),
        "sign-in": reverse("accounts:sign_in"),
        "join": reverse("accounts:join"),
        "password": reverse("accounts:password_forgotten"),
        "board": reverse("board:posts"),
        "post": reverse("board:post_page", args=[salon.post.postid]),
        "terms": reverse("pages:terms"),
        "privacy": reverse("pages:privacy"),
        "offline": reverse("pages:offline"),
    }


def own(salon):
    pay = reverse("payments:pay", args=[salon.visit.pk])
    return {
        "reserve-full": _with("pages:reserve", designer=salon.designer.pk, date=salon.full_day),
        "check": _with("pages:check", designer=salon.designer.pk, date=salon.free_day, time="14:00"),
        "my": reverse("pages:my"),
        "my-past": _with("pages:my", tab="past"),
        "my-cancelled": _with("pages:my", tab="cancelled"),
        "reservation": reverse("pages:reservation", args=[salon.visit.pk]),
        "move": reverse("pages:move", args=[salon.visit.pk]),
        "cancel": reverse("pages:cancel", args=[salon.visit.pk]),
        "reservation-photos": reverse("pages:reservation_photos", args=[salon.visit.pk]),
        "pay": pay,
        "pay-account": f"{pay}?by=account",
        "pay-on-the-day": f"{pay}?by=day",
        "payments": reverse("payments:mine"),
        "payment": reverse("payments:payment_page", args=[salon.paid.payment_uid]),
        "payment-account": reverse("payments:payment_page", args=[salon.account.payment_uid]),
        "payment-end": reverse("payments:end", args=[salon.account.payment_uid]),
        "photos": reverse("media_store:mine"),
        "write": reverse("board:write"),
        "edit": reverse("board:edit", args=[salon.own_post.postid]),
        "profile": reverse("accounts:profile"),
        "address": reverse("accounts:address"),
        "sessions": reverse("accounts:sessions"),
        "apps": reverse("accounts:apps"),
        "data": reverse("pages:my_data"),
        "withdrawal": reverse("accounts:withdrawal"),
        "calendar": reverse("pages:calendar"),
        "waits": reverse("reservations:waits"),
        "wait": reverse("reservations:offer", args=[salon.wait.pk]),
        "password-change": reverse("accounts:password_change"),
    }


def _with(name, **query):
    return f"{reverse(name)}?{urlencode(query)}"
