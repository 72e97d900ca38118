"""What is asked for: which days, and for a file also what, how, and why."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.clock import salon_today
from accounts.fields import RowChoice
from accounts.models import Designer
from cody_site.back_office.fields import offer
from cody_site.back_office.reports import names
from cody_site.back_office.reports.files import FORMATS
from cody_site.back_office.reports.period import EARLIEST, LATEST, LONGEST, Period

THIS_MONTH, LAST_MONTH, LAST_30, THIS_YEAR = "this-month", "last-month", "last-30-days", "this-year"
PRESETS = {
    THIS_MONTH: _("이번 달"),
    LAST_MONTH: _("지난달"),
    LAST_30: _("최근 30일"),
    THIS_YEAR: _("올해"),
}
"""All of them end today at the latest: what is still to come would be compared with what has been."""


def preset(name: str) -> tuple[dt.date, dt.date]:
    today = salon_today()
    match name:
        case "this-month":
            return today.replace(day=1), today
        case "last-month":
            last = today.replace(day=1) - dt.timedelta(days=1)
            return last.replace(day=1), last
        case "this-year":
            return today.replace(month=1, day=1), today
    return today - dt.timedelta(days=29), today


class Day(forms.DateField):
    def __init__(self, label: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date", "class": " ".join(INPUT_CLASSES)}, format="%Y-%m-%d")
        super().__init__(label=label, widget=widget, input_formats=["%Y-%m-%d"])

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not EARLIEST <= value <= LATEST:
            raise forms.ValidationError(_("2000년부터 2100년까지의 날짜를 입력해 주세요."))


class NamedDesigner(RowChoice):
    def label_from_instance(self, obj: Any) -> str:
        return names.designer(obj.user.name, obj.user.userid)


class PeriodForm(forms.Form):
    """Days and a designer. A preset fills in the days, whatever else was typed; without anything, the last 30 days."""

    designer = NamedDesigner(
        label=_("디자이너"),
        queryset=Designer.objects.select_related("user").order_by("order", "pk"),
        required=False,
        empty_label=_("전체"),
        widget=UnfoldAdminSelectWidget,
    )
    field_order = ["from", "to", "designer"]

    def __init__(self, data: Any, **kwargs: Any) -> None:
        given = data.dict() if hasattr(data, "dict") else dict(data)
        self.preset = given.get("period", "")
        if not self.preset and not given.get("from") and not given.get("to"):
            self.preset = LAST_30
        if self.preset in PRESETS:
            first, last = preset(self.preset)
            given |= {"from": first.isoformat(), "to": last.isoformat()}
        super().__init__(given, **kwargs)
        self.fields |= {"from": Day(_("시작 날짜")), "to": Day(_("끝 날짜"))}  # `from` is a word of Python's own
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if self.preset and self.preset not in PRESETS:
            raise forms.ValidationError(_("모르는 기간입니다. 날짜를 골라 주세요."))
        first, last = given.get("from"), given.get("to")
        if first and last and last < first:
            self.add_error("to", _("끝 날짜가 시작 날짜보다 빠릅니다."))
        elif first and last and (last - first).days >= LONGEST:
            self.add_error("to", _("기간은 10년까지 고를 수 있습니다."))
        return given

    @property
    def period(self) -> Period:
        given = self.cleaned_data
        return Period(given["from"], given["to"], given["designer"])

    @property
    def query(self) -> str:
        """For a link to another page of the same choice: a preset stays one."""
        designer = self.cleaned_data["designer"]
        if not self.preset:
            return self.period.query
        return urlencode({"period": self.preset} | ({"designer": designer.pk} if designer else {}))


class ExportForm(PeriodForm):
    """What leaves the house, and why; who exports answers for it."""

    what = forms.ChoiceField(label=_("내보낼 것"), widget=UnfoldAdminSelectWidget)
    format = forms.ChoiceField(
        label=_("형식"),
        choices=[(name, kind.title) for name, kind in FORMATS.items()],
        widget=UnfoldAdminSelectWidget,
    )
    reason = forms.CharField(
        label=_("사유"),
        max_length=256,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("누가, 언제, 무엇을, 왜 내보냈는지 개인정보 접근 기록에 남습니다."),
    )
    field_order = ["what", "format", "from", "to", "designer", "reason"]

    def __init__(self, data: Any, *, sources: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        offer(self, "what", choices=[(slug, source.title) for slug, source in sources.items()])
