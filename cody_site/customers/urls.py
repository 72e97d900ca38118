from django.urls import URLPattern, path

from cody_site.customers import calendars, cancelling, mine, my_data

app_name = "pages"

urlpatterns: list[URLPattern] = [
    path("my/", mine.my, name="my"),
    path("my/reservations/<int:pk>/", mine.reservation, name="reservation"),
    path("my/reservations/<int:pk>/cancel/", cancelling.cancel, name="cancel"),
    path("my/reservations/<int:pk>/calendar.ics", calendars.calendar_file, name="calendar_file"),
    path("my/calendar/", calendars.calendar, name="calendar"),
    path("calendar/<str:token>.ics", calendars.feed, name="feed"),
    path("my/data/", my_data.my_data, name="my_data"),
    path("my/data/photos/<str:photoid>/", my_data.my_photo, name="my_photo"),
]
