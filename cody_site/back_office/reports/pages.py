"""The reports in the back-office: for who sees everything (accounts/backends.py), and nobody else."""

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.acting import actor_of
from cody_site.api.client_ip import client_ip
from cody_site.back_office.pages import desk_page, render
from cody_site.back_office.reports.catalogue import REPORTS, SHOWN_AT_FIRST
from cody_site.back_office.reports.files import FORMATS, written
from cody_site.back_office.reports.forms import PRESETS, ExportForm, PeriodForm
from cody_site.back_office.reports.period import Period
from cody_site.back_office.reports.report import cards
from cody_site.back_office.reports.sources import Source, sources
from cody_site.models import Access, AccessLog

SEES_REPORTS = "back_office.view_reports"
"""No model's permission: nobody can be given it by name, it comes with the account type."""


@desk_page(SEES_REPORTS)
def overview(request: HttpRequest) -> HttpResponse:
    """The figures of all reports beside those of the period before; each leads to its report."""
    form = PeriodForm(request.GET)
    shown = []
    if form.is_valid():
        shown = [(report, cards(report, form.period)) for report in SHOWN_AT_FIRST]
    return render(
        request, "admin/reports/overview.html", _("리포트"), form=form, presets=PRESETS, shown=shown,
        reports=REPORTS.values(),
    )  # fmt: skip


@desk_page(SEES_REPORTS)
def report(request: HttpRequest, slug: str) -> HttpResponse:
    if slug not in REPORTS:
        raise Http404
    found, form = REPORTS[slug], PeriodForm(request.GET)
    table, shown = None, []
    if form.is_valid():
        table, shown = found.table(form.period), cards(found, form.period)
    return render(
        request, "admin/reports/report.html", str(found.title), form=form, presets=PRESETS, report=found, table=table,
        cards=shown,
    )  # fmt: skip


@desk_page(SEES_REPORTS)
def export(request: HttpRequest) -> HttpResponseBase:
    """Asks what and why; the file goes out only with its line in the access log."""
    may = sources(actor_of(request))
    if request.method != "POST":
        return _ask(request, ExportForm(request.GET, sources=may), answered=False)
    form = ExportForm(request.POST, sources=may)
    if not form.is_valid():
        return _ask(request, form, answered=True)
    given = form.cleaned_data
    return _file(request, given["what"], may[given["what"]], given["format"], form.period, given["reason"])


def _ask(request: HttpRequest, form: ExportForm, *, answered: bool) -> HttpResponse:
    return render(request, "admin/reports/export.html", _("내보내기"), form=form, answered=answered)


def _file(
    request: HttpRequest, slug: str, source: Source, format_name: str, period: Period, reason: str
) -> FileResponse:
    """Written to the end before it is told of, and told of before its first byte leaves."""
    kind = FORMATS[format_name]
    file, count = written(kind, *source.table(period))
    with override(settings.LANGUAGE_CODE):  # the log has one language, whoever exports
        detail = f"{source.title}, {period}, {format_name.upper()}"
    AccessLog.objects.record(
        Access.EXPORT, by=actor_of(request), ip=client_ip(request), detail=detail[:256], reason=reason, rows=count
    )
    name = f"{slug}-{period.first}-{period.last}.{format_name}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=kind.content_type)
