"""What the worker does for the board: each task may be lost, doubled, or run by two workers at once."""

from celery import shared_task

from board import services


@shared_task
def keep_house() -> None:
    services.destroy_trash()
    services.forget_ips()
