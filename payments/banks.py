"""Bank codes (R30): each gateway has its own, and the manual of 2020 knows some that have changed since.

A bank is two digits, which each family of gateways spells in its own way.
"""

from django.conf import settings

from payments.errors import UnappropriateAccess

PRESENT = (
    "02", "03", "04", "07", "11", "12", "20", "23", "27", "31", "32", "34", "37", "39", "45", "48", "71", "81", "88",
    "89", "90", "92",
)  # fmt: skip
"""The banks that IMP lists today."""

KIWOOM = frozenset(["03", "04", "05", "08", "09", "10", "11", "12", "15", "31"])
"""Kiwoompay's own codes, which spell other banks than everybody's."""

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


def present_code(code: str) -> str:
    """The code by which the gateway in use (`IMP_PG`) calls the bank today.

    Raises UnappropriateAccess for a bank that the manual calls 미지원 there, or that nobody knows.
    """
    gateway = settings.IMP_PG.partition(".")[0]
    code = OF_THE_MANUAL.get(gateway, {}).get(code, code)
    spelling = SPELLING.get(gateway, STANDARD)
    known = KIWOOM if gateway == "daou" else {spelling.format(bank) for bank in PRESENT}
    if code not in known:
        raise UnappropriateAccess
    return code
