"""The pages of the back-office that join several apps; what is one app's alone is in its admin."""

from django.urls import URLPattern

app_name = "back_office"
urlpatterns: list[URLPattern] = []
