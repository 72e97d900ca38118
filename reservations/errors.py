from django.utils.translation import gettext_lazy as _

from cody_site.errors import Refusal


class HourFull(Refusal):
    status, message = 403, "ERR: designer's max time limitation exceed."
    told = _("그 시간에는 빈자리가 없습니다. 다른 시간을 골라 주세요.")


class AlreadyReserved(Refusal):
    status, message = 403, "ERR: Already reserved user."
    told = _("그 시간에 이미 예약이 있는 고객입니다.")


class NotAvailable(Refusal):
    status, message = 403, "ERR: Designer not available at that time."
    told = _("디자이너가 예약을 받지 않는 시간입니다.")


class TimePassed(Refusal):
    status, message = 403, "ERR: Reservation time has passed."
    told = _("이미 지난 시간입니다.")


class TooLateToReserve(Refusal):
    status, message = 403, "ERR: Too late to reserve."
    told = _("예약 마감이 지났습니다. 더 늦은 시간을 골라 주세요.")


class TooFarAhead(Refusal):
    status, message = 403, "ERR: Too far ahead."
    told = _("아직 예약을 받지 않는 날짜입니다.")


class TooManyOpen(Refusal):
    status, message = 403, "ERR: Too many open reservations."
    told = _("예약할 수 있는 수를 모두 쓰셨습니다.")


class TooLateToChange(Refusal):
    status, message = 403, "ERR: Too late to change."
    told = _("변경 마감이 지났습니다. 살롱에 전화해 주세요.")


class TooLateToCancel(Refusal):
    status, message = 403, "ERR: Too late to cancel."
    told = _("취소 마감이 지났습니다. 살롱에 전화해 주세요.")


class ForbiddenMove(Refusal):
    """R13: a status that does not follow from the present one."""

    status = 403
    told = _("지금 상태에서는 그 상태로 바꿀 수 없습니다.")

    def __init__(self, before: int, after: int) -> None:
        self.message = f"ERR: Status cannot change from {before} to {after}."  # type: ignore[misc]
        super().__init__()


class Gone(Refusal):
    """Cancelled, or no longer this person's, since the form was opened."""

    status, message = 409, "ERR: Reservation has changed."
    told = _("그 사이에 취소되었거나 바꿀 수 없게 된 예약입니다.")


class NotInTrash(Refusal):
    status, message = 409, "ERR: Reservation is not in the trash."
    told = _("취소된 예약이 아닙니다.")


class NothingToUndo(Refusal):
    status, message = 409, "ERR: Nothing to undo."
    told = _("되돌릴 수 없습니다. 10분이 지났거나, 그 뒤에 다른 일이 있었습니다.")


class PaidMeanwhile(Refusal):
    status, message = 409, "ERR: Paid meanwhile."
    told = _("이미 결제가 있는 예약입니다. ‘취소’에서 환불과 함께 취소해 주세요.")


class TooManyPhotos(Refusal):
    message = "ERR: Too many photos."
    told = _("사진은 10장까지 보여 줄 수 있습니다.")


class StillFree(Refusal):
    status, message = 409, "ERR: Still free."
    told = _("그날은 아직 빈 시간이 있어요. 바로 예약하실 수 있습니다.")


class TooManyWaits(Refusal):
    status, message = 403, "ERR: Too many waits."
    told = _("빈자리 대기는 한 번에 다섯 개까지 걸어 둘 수 있어요. 하나를 그만둔 다음에 다시 해 주세요.")


class AddressNotConfirmed(Refusal):
    status, message = 403, "ERR: Address not confirmed."
    told = _("빈자리가 나면 메일로 알려 드려요. 먼저 이메일 주소를 확인해 주세요.")
