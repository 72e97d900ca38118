from django.urls import URLPattern, path

from cody_site.customers import (
    calendars,
    cancelling,
    check,
    designers,
    legal,
    mine,
    moving,
    my_data,
    offline,
    photos,
    reserve,
)

app_name = "pages"

urlpatterns: list[URLPattern] = [
    path("designers/", designers.designers, name="designers"),
    path("designers/<int:pk>/", designers.designer, name="designer"),
    path("reserve/", reserve.reserve, name="reserve"),
    path("reserve/check/", check.check, name="check"),
    path("my/", mine.my, name="my"),
    path("my/reservations/<int:pk>/", mine.reservation, name="reservation"),
    path("my/reservations/<int:pk>/move/", moving.move, name="move"),
    path("my/reservations/<int:pk>/cancel/", cancelling.cancel, name="cancel"),
    path("my/reservations/<int:pk>/calendar.ics", calendars.calendar_file, name="calendar_file"),
    path("my/reservations/<int:pk>/photos/", photos.reservation_photos, name="reservation_photos"),
    path("my/calendar/", calendars.calendar, name="calendar"),
    path("calendar/<slug:token>.ics", calendars.feed, name="feed"),
    path("my/data/", my_data.my_data, name="my_data"),
    path("my/data/photos/<slug:photoid>/", my_data.my_photo, name="my_photo"),
    path("terms/", legal.terms, name="terms"),
    path("privacy/", legal.privacy, name="privacy"),
    path("offline/", offline.offline, name="offline"),
    path("service-worker.js", offline.service_worker, name="service_worker"),
    path("manifest.webmanifest", offline.manifest, name="manifest"),
]
