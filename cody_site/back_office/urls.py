"""The pages of the back-office that join several apps; what is one app's alone is in its admin."""

from django.urls import path

from cody_site.back_office import clients, search

app_name = "back_office"
urlpatterns = [
    path("search/", search.search, name="search"),
    path("clients/<int:pk>/", clients.client, name="client"),
    path("clients/<int:pk>/notes/", clients.write_note, name="write_note"),
    path("clients/<int:pk>/notes/<int:note_pk>/trash/", clients.trash_note, name="trash_note"),
    path("clients/<int:pk>/notes/<int:note_pk>/restore/", clients.restore_note, name="restore_note"),
    path("clients/<int:pk>/invitation/", clients.invite, name="invite"),
    path("clients/<int:pk>/consultation/", clients.consultation, name="consultation"),
]
