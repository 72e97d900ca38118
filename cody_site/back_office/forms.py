"""What the pages of the back-office ask for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import RowChoice
from cody_site.back_office.fields import offer
from reservations.models import Reservation, ReservationQuerySet


class NoteForm(forms.Form):
    """A note about a client, or about one of these visits."""

    text = forms.CharField(label=_("메모"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    reservation = RowChoice(
        label=_("무엇에 대해"), queryset=Reservation.objects.none(), required=False, empty_label=_("고객에 대한 메모")
    )

    def __init__(self, data: Any = None, *, visits: ReservationQuerySet) -> None:
        super().__init__(data)
        offer(self, "reservation", rows=visits)

    def offer(self, visits: list[Reservation]) -> None:
        """Those to choose from, which the page has read already."""
        told = [(row.pk, f"{row.date:%Y-%m-%d} {row.time:%H:%M} {row.designer}") for row in visits]
        offer(self, "reservation", choices=[("", _("고객에 대한 메모")), *told])


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("이메일"), max_length=50, widget=forms.EmailInput(attrs={"autocomplete": "off"}))


class SearchForm(forms.Form):
    """What the desk types when a client stands before it; the field refuses what no database stores."""

    q = forms.CharField(max_length=100, required=False)
