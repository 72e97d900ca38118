from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.acting import ActForm
from accounts.actors import Actor
from reservations.models import Reservation


class ReservationForm(ActForm[Reservation]):
    """Reserve at the desk, or change a reservation."""

    overbook_reason = forms.CharField(
        label=_("정원 초과 사유"),
        required=False,
        max_length=256,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("빈자리가 없어도 예약하려면 적습니다. 기록에 남습니다."),
    )

    class Meta:
        model = Reservation
        fields = ["customer", "designer", "date", "time", "note", "status"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.cleaned_data.get("overbook_reason") and not may_overbook(self.actor):
            self.add_error("overbook_reason", _("정원을 넘겨 예약할 권한이 없습니다."))
        return cleaned


def may_overbook(actor: Actor) -> bool:
    return actor.user is not None and actor.user.has_perm("reservations.overbook_reservation")
