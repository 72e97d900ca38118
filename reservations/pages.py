"""The customer's pages about waiting for a day that is full."""

from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.fields import RowChoice
from accounts.models import Designer
from accounts.visitors import visitor
from cody_site.errors import Refusal
from reservations import waiting
from reservations.errors import AddressNotConfirmed, StillFree
from reservations.models import Wait, WaitQuerySet


class WaitForm(forms.Form):
    """Which day, and whom; without a designer anyone."""

    date = forms.DateField(label=gettext_lazy("날짜"), input_formats=["%Y-%m-%d"], widget=forms.HiddenInput)
    designer = RowChoice(
        label=gettext_lazy("디자이너"), queryset=Designer.objects.none(), required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["designer"].queryset = Designer.objects.working()  # type: ignore[attr-defined]


def _mine(request: HttpRequest) -> WaitQuerySet:
    waits = Wait.objects.filter(customer=visitor(request).user_pk)
    return waits.select_related("designer__user", "offered_designer__user")


@require_http_methods(["GET", "HEAD", "POST"])
def wait(request: HttpRequest) -> HttpResponse:
    """`?date=&designer=`, in the address also of a POST: who signs in first comes back to the question."""
    form = WaitForm(request.GET)
    if not form.is_valid():
        messages.error(request, _("그 날짜나 디자이너를 찾을 수 없습니다. 다시 골라 주세요."))
        return redirect("reservations:waits")
    date, designer = form.cleaned_data["date"], form.cleaned_data["designer"]
    context = {"date": date, "designer": designer, "back": reserve_address(form)}
    if request.method != "POST":
        return render(request, "reservations/wait.html", context)
    try:
        waiting.join(by=visitor(request), date=date, designer=designer)
    except StillFree as refusal:
        messages.info(request, refusal.told)
        return redirect(reserve_address(form))
    except Refusal as refusal:
        unconfirmed = isinstance(refusal, AddressNotConfirmed)
        context |= {"refusal": refusal, "unconfirmed": unconfirmed}
        return render(request, "reservations/wait.html", context, status=refusal.status)
    messages.success(request, _("빈자리가 나면 메일로 바로 알려 드릴게요."))
    return redirect("reservations:waits")


@require_safe
def waits(request: HttpRequest) -> HttpResponse:
    """What this customer waits for, the nearest day first."""
    live = _mine(request).live().order_by("date", "pk")
    return render(request, "reservations/waits.html", {"waits": live})


@require_safe
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """The link of the mail leads here: the time that is held, and until when; or what has become of it."""
    found = get_object_or_404(_mine(request), pk=pk)
    context: dict[str, object] = {"wait": found}
    if found.is_offered and found.answer_by and found.offered_start:
        context["minutes"] = int((found.answer_by - timezone.now()).total_seconds() // 60)
        context["reserve"] = check_address(found)
    return render(request, "reservations/offer.html", context)


@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_mine(request), pk=pk)
    waiting.leave(by=visitor(request), wait=found)
    messages.success(request, _("더 기다리지 않습니다."))
    return redirect("reservations:waits")


def reserve_address(form: WaitForm) -> str:
    """The page with the free times of that day."""
    asked = {name: form.data[name] for name in form.fields if form.data.get(name)}
    return f"{reverse('pages:reserve')}?{urlencode(asked)}"


def check_address(wait: Wait) -> str:
    """Where the time that is held is reserved, under the salon's terms, as any other."""
    asked = {"designer": wait.offered_designer_id, "date": wait.date, "time": f"{wait.offered_time:%H:%M}"}
    return f"{reverse('pages:check')}?{urlencode(asked, safe=':')}"
