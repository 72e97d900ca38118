"""The pages of the back-office that join several apps; what is one app's alone is in its admin."""

from django.urls import URLPattern, path

from cody_site.back_office.reports import pages as reports

app_name = "back_office"
urlpatterns: list[URLPattern] = [
    path("reports/", reports.overview, name="reports"),
    path("reports/export/", reports.export, name="export"),
    path("reports/<slug:slug>/", reports.report, name="report"),
]
