"""Bank codes (R30): each gateway has its own, and the manual of 2020 knows some that have changed since.

A bank is two digits, which each family of gateways spells in its own way.
"""

from django.conf import settings

from payments.errors import UnappropriateAccess

BANKS = {
    "02": "산업은행", "03": "기업은행", "04": "KB국민은행", "07": "수협", "11": "농협", "12": "축협", "20": "우리은행",
    "23": "SC제일은행", "27": "한국씨티은행", "31": "대구은행", "32": "부산은행", "34": "광주은행", "37": "전북은행",
    "39": "경남은행", "45": "새마을금고", "48": "신협", "71": "우체국", "81": "하나은행", "88": "신한은행",
    "89": "케이뱅크", "90": "카카오뱅크", "92": "토스뱅크",
}  # fmt: skip
"""The banks that IMP lists today."""

KIWOOM = {
    "03": "기업은행", "04": "KB국민은행", "05": "외환은행", "08": "농협", "09": "우리은행", "10": "신한은행",
    "11": "SC제일은행", "12": "하나은행", "15": "부산은행", "31": "우체국",
}  # fmt: skip
"""Kiwoompay spells them in no regular way."""

STANDARD, INICIS, KCP = "0{}", "{}", "BK{}"
SPELLING = {
    "html5_inicis": INICIS, "inicis": INICIS, "inicis_unified": INICIS,
    "kcp": KCP, "kcp_billing": KCP, "kcp_quick": KCP,
}  # fmt: skip

# What the manual's table has and IMP's list has not: 외환은행 has become 하나은행; 축협, 씨티은행 (한미은행) and
# KICC's 신한은행 have another number.
_LG_UPLUS = _NICE = {"005": "081"}
_INICIS = {"05": "81", "16": "12", "53": "27"}
OF_THE_MANUAL = {
    "html5_inicis": _INICIS, "inicis": _INICIS,
    "uplus": _LG_UPLUS, "tosspayments": _LG_UPLUS,
    "nice": _NICE, "nice_v2": _NICE, "danal": _NICE, "danal_tpay": _NICE, "jtnet": _NICE,
    "kicc": {"026": "088"},
}  # fmt: skip


def banks() -> dict[str, str]:
    """The names of the banks that the gateway in use (`IMP_PG`) knows, by its present codes."""
    gateway = _gateway()
    if gateway == "daou":
        return KIWOOM
    spelling = SPELLING.get(gateway, STANDARD)
    return {spelling.format(digits): name for digits, name in BANKS.items()}


def present_code(code: str) -> str:
    """The code by which the gateway in use calls the bank today.

    A present code is taken as it is, also of a bank that the manual of 2020 calls 미지원 there (R30). Raises
    UnappropriateAccess for what is neither in the manual's column nor present.
    """
    code = OF_THE_MANUAL.get(_gateway(), {}).get(code, code)
    if code not in banks():
        raise UnappropriateAccess
    return code


def _gateway() -> str:
    return str(settings.IMP_PG).partition(".")[0]
