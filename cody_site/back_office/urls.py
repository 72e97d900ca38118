"""The pages of the back-office that join several apps; what is one app's alone is in its admin."""

from django.urls import path

from cody_site.back_office import acts, booking, cancelling, clients, home, moving, search, showcase, sick_day
from cody_site.back_office.reports import pages as reports

app_name = "back_office"
urlpatterns = [
    path("", home.day, name="day"),
    path("search/", search.search, name="search"),
    path("book/", booking.book, name="book"),
    path("sick-day/", sick_day.sick_day, name="sick_day"),
    path("visits/<int:pk>/step/", acts.step, name="step"),
    path("visits/<int:pk>/no-show/", acts.no_show, name="no_show"),
    path("visits/<int:pk>/move/", moving.move, name="move"),
    path("visits/<int:pk>/cancel/", cancelling.cancel, name="cancel"),
    path("moves/<int:pk>/undo/", acts.undo, name="undo"),
    path("clients/<int:pk>/", clients.client, name="client"),
    path("clients/<int:pk>/notes/", clients.write_note, name="write_note"),
    path("clients/<int:pk>/notes/<int:note_pk>/trash/", clients.trash_note, name="trash_note"),
    path("clients/<int:pk>/notes/<int:note_pk>/restore/", clients.restore_note, name="restore_note"),
    path("clients/<int:pk>/invitation/", clients.invite, name="invite"),
    path("clients/<int:pk>/consultation/", clients.consultation, name="consultation"),
    path("showcase/", showcase.showcases, name="showcases"),
    path("showcase/<int:pk>/", showcase.showcase, name="showcase"),
    path("reports/", reports.overview, name="reports"),
    path("reports/export/", reports.export, name="export"),
    path("reports/<slug:slug>/", reports.report, name="report"),
]
