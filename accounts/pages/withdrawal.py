"""Leaving: what ends, what comes back and what stays is said before the click."""

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts import leaving, services
from accounts.models import User
from accounts.own_forms import WithdrawalForm
from accounts.pages.signing_in import FORGET
from accounts.throttles import PasswordsPerAddress
from accounts.visitors import person, throttled, visitor
from cody_site.errors import Refusal


@throttled(PasswordsPerAddress)
def withdrawal(request: HttpRequest) -> HttpResponse:
    form = WithdrawalForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        by = visitor(request)
        try:
            services.withdraw(by=by, users=User.objects.changeable_by(by).filter(pk=by.user_pk))
        except Refusal as refusal:
            form.add_error(None, refusal.told)
        else:
            logout(request)
            farewell_page = redirect("accounts:farewell")
            farewell_page["Clear-Site-Data"] = FORGET
            return farewell_page
    return render(request, "accounts/withdrawal.html", {"form": form, "ends": leaving.what_ends(person(request))})


@login_not_required
def farewell(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/farewell.html")
