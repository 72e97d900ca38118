"""What may become of money, in words that every part of payments shares."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import AccountType

CASHIERS = frozenset({AccountType.FINANCE_MANAGER, AccountType.ADMINISTRATOR})
"""Who among the staff writes money (section 7)."""


class Method(models.TextChoices):
    CARD = "card", _("카드")
    VIRTUAL_ACCOUNT = "vbank", _("가상계좌")


class State(models.TextChoices):
    """created → requested → paid or failed, by way of pending where IMP's answer is in doubt.

    A virtual account is ready until somebody pays into it, it is closed (cancelled), or its time is over (expired).
    What is scheduled is charged when it is due, or revoked. What is paid and goes back altogether is cancelled too.
    """

    CREATED = "created", _("준비")
    REQUESTED = "requested", _("요청함")
    PENDING = "pending", _("확인 중")
    READY = "ready", _("입금 대기")
    SCHEDULED = "scheduled", _("예약됨")
    PAID = "paid", _("결제됨")
    FAILED = "failed", _("실패")
    CANCELLED = "cancelled", _("취소됨")
    EXPIRED = "expired", _("입금기한 지남")
    REVOKED = "revoked", _("예약 취소됨")


UNSETTLED = (State.CREATED, State.REQUESTED, State.PENDING)
"""What has become of the money is not known, or not known yet."""

WAITING = (State.READY, State.SCHEDULED)
"""Nothing has moved, and something will, unless it is ended before."""

LIVE = (*UNSETTLED, *WAITING, State.PAID)


class RefundState(models.TextChoices):
    REQUESTED = "requested", _("요청함")
    PENDING = "pending", _("확인 중")
    DONE = "done", _("환불됨")
    FAILED = "failed", _("실패")


IN_FLIGHT = (RefundState.REQUESTED, RefundState.PENDING)


class What(models.TextChoices):
    """What happened to a payment."""

    CREATED = "created", _("접수")
    REQUESTED = "requested", _("IMP에 요청")
    PAID = "paid", _("결제됨")
    FAILED = "failed", _("실패")
    DOUBTED = "doubted", _("확인 필요")
    LATE = "late", _("끝난 뒤 결제됨")
    ALARM = "alarm", _("경보")
    ACKNOWLEDGED = "acknowledged", _("확인함")
    SCHEDULED = "scheduled", _("예약됨")
    READY = "ready", _("계좌 발급")
    ENDING = "ending", _("취소 요청")
    CLOSED = "closed", _("계좌 닫힘")
    EXPIRED = "expired", _("입금기한 지남")
    REVOKED = "revoked", _("예약 취소됨")
    REFUND_REQUESTED = "refund-requested", _("환불 요청")
    REFUNDED = "refunded", _("환불됨")
    REFUND_FAILED = "refund-failed", _("환불 실패")
    REFUND_DOUBTED = "refund-doubted", _("환불 확인 필요")


def free(now: object) -> models.Q:
    """No worker is at it."""
    return models.Q(leased_until=None) | models.Q(leased_until__lt=now)
