"""The secret address of a person's calendar: made, renewed, withdrawn, found."""

from django.utils import timezone

from accounts.models import CalendarFeed, User, new_calendar_token
from cody_site.transactions import retried


@retried
def renew(*, user: User) -> CalendarFeed:
    """Give this person an address; the one before, if there was one, leads nowhere any more."""
    fresh = {"token": new_calendar_token(), "created_at": timezone.now()}
    return CalendarFeed.objects.update_or_create(user=user, defaults=fresh)[0]


def revoke(*, user: User) -> None:
    """This person's address leads nowhere any more."""
    CalendarFeed.objects.filter(user=user).delete()


def owner(token: str) -> User | None:
    """Whose address it is; nobody's if it never was one, was renewed or revoked, or its owner has left."""
    feed = CalendarFeed.objects.filter(token=token, user__withdrawn_at=None).select_related("user__designer").first()
    return None if feed is None else feed.user
