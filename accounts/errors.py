from django.utils.translation import gettext_lazy as _

from cody_site.errors import Refusal


class DuplicateUserid(Refusal):
    status, message = 409, "ERR: Duplicate userid"
    told = _("이미 쓰고 있는 아이디입니다. 다른 아이디를 정해 주세요.")


class WeakPassword(Refusal):
    message = "ERR: Password too weak."
    told = _("비밀번호가 너무 쉽습니다. 8자 이상, 흔하지 않은 것으로 정해 주세요.")


class GuardianConsentRequired(Refusal):
    message = "ERR: Guardian consent required."
    told = _("만 14세가 되면 가입할 수 있어요. 그때까지는 보호자께서 살롱에 전화로 예약해 주세요.")


class ConsentRequired(Refusal):
    message = "ERR: Consent required."
    told = _("이용약관과 개인정보 수집·이용에 동의해야 가입할 수 있어요.")


class LinkExpired(Refusal):
    message = "ERR: Link expired."
    told = _("링크가 오래되었거나, 그 사이에 주소가 바뀌었습니다.")


class JustSent(Refusal):
    status, message = 429, "ERR: Mail was just sent."
    told = _("방금 메일을 보냈어요. 메일함과 스팸함을 먼저 봐 주세요. 10분 뒤에 다시 보낼 수 있어요.")


class AlreadySignsIn(Refusal):
    status, message = 409, "ERR: Already has a password."
    told = _("이미 비밀번호가 있는 회원입니다. 비밀번호를 잊었다면 로그인 화면에서 다시 정할 수 있습니다.")


class CannotConfirmUser(Refusal):
    """The manual's 500 of PATCH /user, which travels as 404 (R19)."""

    status, message = 500, "ERR: Cannot find user"
    told = _("그런 회원을 찾을 수 없습니다.")
    http_status = 404


class TokenRefused(Refusal):
    """RFC 6749's error code in the envelope, with its own HTTP status (R23)."""

    def __init__(self, status: int, code: str, auth_header: str | None = None) -> None:
        super().__init__(code)
        self.code, self.auth_header = code, auth_header
        self.status = status  # type: ignore[misc]  # the one refusal whose status is the library's

    def __str__(self) -> str:
        return self.code


class UpcomingReservations(Refusal):
    status, message = 409, "ERR: Designer has upcoming reservations."
    told = _("앞으로의 예약이 남아 있는 디자이너입니다. 예약을 옮기거나 취소한 뒤 다시 시도해 주세요.")


class LastAdministrator(Refusal):
    status, message = 409, "ERR: Cannot remove the last administrator."
    told = _("마지막 관리자는 바꾸거나 탈퇴시킬 수 없습니다.")


class PaymentPending(Refusal):
    status, message = 409, "ERR: A payment is pending."
    told = _("확인 중인 결제가 있습니다. 결제 결과가 나온 뒤 다시 시도해 주세요.")


class WrongCode(Refusal):
    message = "ERR: Wrong code."
    told = _("코드가 맞지 않습니다. 인증 앱에 지금 보이는 코드를 넣어 주세요.")


class TryCodeLater(Refusal):
    """After wrong codes; `value` is how many seconds to wait."""

    status, message = 429, "ERR: Too many wrong codes."
    told = _("틀린 코드가 이어져 잠시 막았습니다. 잠시 후 다시 시도해 주세요.")


class AlreadyEnrolled(Refusal):
    status, message = 409, "ERR: Second factor already set up."
    told = _("2단계 인증이 이미 켜져 있습니다.")
