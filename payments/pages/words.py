"""States of money as a customer reads them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.models import UNSETTLED, WAITING, Method, Payment, RefundState, State


@dataclass(frozen=True)
class Badge:
    label: str | Promise
    look: str
    """A class of the design system, or nothing."""


GOOD, WARN, WRONG, QUIET = "badge--good", "badge--warn", "badge--wrong", "badge--quiet"

CHECKING = Badge(_("확인 중"), WARN)
BADGES = {
    State.CREATED: CHECKING,
    State.REQUESTED: CHECKING,
    State.PENDING: CHECKING,
    State.READY: Badge(_("입금 대기"), WARN),
    State.SCHEDULED: Badge(_("결제 예정"), ""),
    State.PAID: Badge(_("결제됨"), GOOD),
    State.FAILED: Badge(_("결제 안 됨"), WRONG),
    State.CANCELLED: Badge(_("취소됨"), QUIET),
    State.EXPIRED: Badge(_("기한 지남"), QUIET),
    State.REVOKED: Badge(_("취소됨"), QUIET),
}
ENDING = Badge(_("취소하는 중"), WARN)
GOING_BACK = Badge(_("환불 중"), WARN)
PARTLY = Badge(_("일부 환불됨"), GOOD)
REFUNDED = Badge(_("환불됨"), QUIET)
REFUNDS = {
    RefundState.REQUESTED: Badge(_("환불 중"), WARN),
    RefundState.PENDING: Badge(_("환불 중"), WARN),
    RefundState.DONE: Badge(_("환불됨"), GOOD),
    RefundState.FAILED: Badge(_("환불 안 됨"), WRONG),
}

CHECKING_WORDS = _("확인 중입니다. 보통 1분, 늦어도 15분 안에 끝나요. 다시 결제하지 않으셔도 됩니다.")
LOOKED_AT = _("살롱에서 이 결제를 확인하고 있어요. 다시 결제하지 마시고 잠시 기다려 주세요.")
LATE_CARD = _("끝난 뒤에 결제된 것이 확인되어 자동으로 환불해 드려요.")
LATE_DEPOSIT = _("끝난 계좌에 입금된 것이 확인되었어요. 살롱이 환불 계좌를 여쭙기 위해 연락드려요.")
ENDING_WORDS = _("결제사에 취소를 알리고 있어요. 곧 끝납니다.")
WORDS = {
    State.READY: _("아래 계좌로 기한까지 입금해 주세요. 입금되면 이 화면이 저절로 바뀝니다."),
    State.SCHEDULED: _("정한 때에 카드로 결제돼요. 그 전에는 언제든 취소할 수 있습니다."),
    State.EXPIRED: _("입금 기한이 지나 닫힌 계좌예요. 입금하지 마세요."),
    State.REVOKED: _("결제되기 전에 취소했어요. 나간 돈은 없습니다."),
}
CLOSED = _("입금 전에 닫은 계좌예요. 입금하지 마세요.")


def badge(payment: Payment) -> Badge:
    if payment.late_at is not None and payment.state == State.PAID:
        return GOING_BACK
    if payment.ending_at is not None and payment.state in (*WAITING, *UNSETTLED):
        return ENDING
    if payment.refunded_amount:
        return REFUNDED if payment.state == State.CANCELLED else PARTLY
    return BADGES[State(payment.state)]


def told(payment: Payment) -> str | Promise:
    """A sentence about what is, and what is to be done; nothing where the amounts say all."""
    by_card = payment.method == Method.CARD
    if payment.late_at is not None and payment.state == State.PAID:
        return LATE_CARD if by_card else LATE_DEPOSIT
    if payment.state in UNSETTLED:
        return LOOKED_AT if payment.alarm else CHECKING_WORDS
    if payment.ending_at is not None and payment.state in WAITING:
        return ENDING_WORDS
    if payment.state == State.FAILED:
        return payment.fail_reason
    if payment.state == State.CANCELLED and not payment.paid_amount:
        return CLOSED
    return WORDS.get(State(payment.state), "")
