"""What people agree to: which texts there are, and since when each says what it says.

Personal Information Protection Act, articles 15 and 22: what is needed for the contract and what is for advertising are
agreed to separately, with items, purpose and period before the eye, and the second is nobody's condition.
"""

import datetime as dt
from collections.abc import Collection

from django.utils import timezone

from accounts.actors import Actor
from accounts.errors import ConsentRequired
from accounts.models import ConsentKind, User
from cody_site.errors import Forbidden
from cody_site.transactions import retried

VERSIONS = {
    ConsentKind.TERMS: dt.date(2026, 11, 25),  # templates/legal/terms.html
    ConsentKind.PRIVACY: dt.date(2026, 11, 25),  # templates/legal/_collection.html
    ConsentKind.MARKETING: dt.date(2026, 11, 25),  # templates/legal/_marketing.html
}
"""A text that changes in what it means gets a new date here."""

REQUIRED = frozenset({ConsentKind.TERMS, ConsentKind.PRIVACY})


def refuse_without_the_required(kinds: Collection[ConsentKind]) -> None:
    """Raise ConsentRequired if there is no account for who agrees to no more than these."""
    if not set(kinds) >= REQUIRED:
        raise ConsentRequired


def give(user: User, kinds: Collection[ConsentKind]) -> None:
    """Note that this person agrees to these texts as they are today, in the caller's transaction.

    Who has agreed to the same version before is not noted again; a consent to an older one is closed.
    """
    for kind in kinds:
        given = user.consents.open().to(kind)
        if given.filter(version=VERSIONS[kind]).exists():
            continue
        given.update(withdrawn_at=timezone.now())
        user.consents.create(kind=kind, version=VERSIONS[kind])


@retried
def choose_marketing(*, by: Actor, user: User, wanted: bool) -> None:
    """Mail of offers and news, or no more of it; the rest of what was agreed to ends with the account only.

    Raises Forbidden: everybody decides this for themselves.
    """
    if by.user_pk != user.pk:
        raise Forbidden
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    if wanted:
        give(user, [ConsentKind.MARKETING])
    else:
        user.consents.open().to(ConsentKind.MARKETING).update(withdrawn_at=timezone.now())
