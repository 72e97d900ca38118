from typing import Any, ClassVar, Self

from django.utils.translation import gettext_lazy as _

from cody_site.errors import Missing, Refusal


class UnappropriateAccess(Refusal):
    """None of the parameters, or a combination that makes no sense (section 8)."""

    message = "ERR: Unappropriate access"
    told = _("결제할 수 없는 요청입니다. 상품과 결제 방법을 확인해 주세요.")


class MoneyRefusal(Refusal):
    """A failure that tells of its payment or refund: the API answers it with the contents of section 8."""

    about: Any = None

    def of(self, about: Any) -> Self:
        self.about = about
        return self


class PayOne(MoneyRefusal):
    """IMP could not be reached, or has not said what became of it (R27)."""

    message = "[position] payOne"
    told = _("결제사와 연결되지 않았습니다. 결제 내역을 확인한 뒤 다시 시도해 주세요.")
    position = "payOne"


class DeclinedByImp(MoneyRefusal):
    """IMP's own text."""

    told = _("결제사가 거절했습니다.")
    pattern: ClassVar[str] = "."

    def __str__(self) -> str:
        return str(self.value)


class FailedAuthentication(MoneyRefusal):
    status, message = 500, "ERR: Failed Authentication from IMP Server."
    told = _("결제사 인증에 실패했습니다. 살롱에 알려 주세요.")


class UnreadableCredentials(Refusal):
    status, message = 500, "ERR: Cannot read payment Information File"
    told = _("결제 설정 파일을 읽을 수 없습니다. 살롱에 알려 주세요.")


class NotReady(Refusal):
    status, message = 503, "serviceNotReady"
    told = _("지금은 결제할 수 없습니다.")


class KeyReused(Refusal):
    """The same Idempotency-Key with another body."""

    status, message = 422, "ERR: Idempotency-Key was used for another request."
    told = _("이미 처리한 요청입니다.")


class TooManyRefusedCards(Refusal):
    """Ten cards that were definitely refused within an hour: somebody is trying cards."""

    status, message = 429, "ERR: Too many requests."
    told = _("거절된 카드가 너무 많습니다. 한 시간 뒤에 다시 시도해 주세요.")

    def __init__(self, wait: int) -> None:
        super().__init__()
        self.wait = wait


class UnknownPayment(Refusal):
    told = _("그런 결제를 찾을 수 없습니다.")
    pattern: ClassVar[str] = r"^ERR: CANNOT FIND PAYMID: \[.*\] in userid: \[.*\]$"

    def __init__(self, payment_uid: str, userid: str) -> None:
        super().__init__()
        self.payment_uid, self.userid = payment_uid, userid

    def __str__(self) -> str:
        return f"ERR: CANNOT FIND PAYMID: [{self.payment_uid}] in userid: [{self.userid}]"


class TooMuchToRefund(Refusal):
    """R28: more than what is left, or nothing."""

    message = "ERR: Cancel price must be smaller than paid price"
    told = _("환불할 수 있는 금액보다 많습니다.")


class NothingToUndo(Refusal):
    status, message = 409, "ERR: Nothing to undo."
    told = _("결제사에 되돌릴 잘못된 결제가 없습니다. ‘결제사에 다시 묻기’로 상태를 확인해 주세요.")


class MissingAccount(Missing):
    """What was paid into a virtual account goes back to an account that has to be named (`accInfo`)."""

    told = _("가상계좌로 받은 돈입니다. 환불받을 계좌를 알려 주세요.")

    def __init__(self) -> None:
        super().__init__("accInfo")
