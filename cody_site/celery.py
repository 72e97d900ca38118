"""The worker's application: `celery --app cody_site worker --beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cody_site.settings")

app = Celery("cody_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
