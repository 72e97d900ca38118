"""IMP's codes for issuers and banks."""

from payments.imp_sandbox.answers import Refused
from payments.imp_sandbox.calls import Call, Document

CARD_ISSUERS = {
    "361": "BC", "381": "KB", "367": "현대", "365": "삼성", "368": "롯데", "371": "NH", "041": "우리",
    "374": "하나SK", "045": "새마을", "373": "제주", "364": "광주", "366": "신한", "002": "KDB", "369": "수협",
    "048": "신협", "370": "씨티", "071": "우체국", "089": "K뱅크", "372": "전북", "090": "카카오뱅크",
}  # fmt: skip
STANDARD_BANKS = {
    "001": "한국은행", "002": "산업은행", "003": "기업은행", "004": "국민은행", "005": "외환은행",
    "007": "수협중앙회", "008": "수출입은행", "011": "농협은행", "012": "지역 농.축협", "020": "우리은행",
    "023": "SC은행", "027": "한국씨티은행", "031": "대구은행", "032": "부산은행", "034": "광주은행",
    "035": "제주은행", "037": "전북은행", "039": "경남은행", "045": "새마을금고중앙회", "048": "신협중앙회",
    "050": "상호저축은행", "052": "모건스탠리은행", "054": "HSBC은행", "055": "도이치은행",
    "056": "알비에스피엘씨은행", "057": "제이피모간체이스은행", "058": "미즈호은행", "059": "미쓰비시도쿄UFJ은행",
    "060": "BOA은행", "061": "비엔피파리바은행", "062": "중국공상은행", "063": "중국은행", "064": "산림조합중앙회",
    "065": "대화은행", "066": "교통은행", "071": "우체국", "076": "신용보증기금", "077": "기술보증기금",
    "081": "KEB하나은행", "088": "신한은행", "089": "케이뱅크", "090": "카카오뱅크", "093": "한국주택금융공사",
    "094": "서울보증보험", "095": "경찰청", "096": "한국전자금융(주)", "099": "금융결제원", "209": "유안타증권",
    "218": "현대증권", "221": "골든브릿지투자증권", "222": "한양증권", "223": "리딩투자증권", "224": "BNK투자증권",
    "225": "IBK투자증권", "226": "KB투자증권", "227": "KTB투자증권", "230": "미래에셋증권", "238": "대우증권",
    "240": "삼성증권", "243": "한국투자증권", "247": "우리투자증권", "261": "교보증권", "262": "하이투자증권",
    "263": "HMC투자증권", "264": "키움증권", "265": "이베스트투자증권", "266": "SK증권", "267": "대신증권",
    "268": "솔로몬투자증권", "269": "한화투자증권", "270": "하나대투증권", "278": "신한금융투자", "279": "동부증권",
    "280": "유진투자증권", "287": "메리츠종합금융증권", "289": "NH투자증권", "290": "부국증권", "291": "신영증권",
    "292": "엘아이지투자증권", "293": "한국증권금융", "294": "펀드온라인코리아", "295": "우리종합금융",
    "296": "삼성선물", "297": "외환선물", "298": "현대선물", "092": "토스뱅크",
}  # fmt: skip

# Where virtual accounts are opened and refunds go to, by the names under which they are offered.
BANKS = {
    "004": "KB국민은행", "023": "SC제일은행", "039": "경남은행", "034": "광주은행", "003": "기업은행", "011": "농협",
    "031": "대구은행", "032": "부산은행", "002": "산업은행", "045": "새마을금고", "007": "수협", "088": "신한은행",
    "048": "신협", "081": "하나(외환)은행", "020": "우리은행", "071": "우체국", "037": "전북은행", "012": "축협",
    "090": "카카오뱅크", "089": "케이뱅크", "027": "한국씨티은행", "092": "토스뱅크",
}  # fmt: skip
KIWOOM_BANKS = {
    "04": "004", "11": "023", "03": "003", "08": "011", "15": "032", "10": "088", "05": "081", "09": "020",
    "31": "071", "12": "081",
}  # fmt: skip


def standard_bank(provider: str, code: str) -> str | None:
    """The standard code of the bank that this gateway calls `code`; None if it knows no such bank."""
    if provider == "daou":
        return KIWOOM_BANKS.get(code)
    if provider in ("html5_inicis", "inicis"):
        standard = f"0{code}"
    elif provider in ("kcp", "kcp_billing", "kcp_quick"):
        standard = f"0{code[2:]}" if code.startswith("BK") else ""
    else:
        standard = code
    return standard if standard in BANKS else None


def cards(call: Call) -> list[Document]:
    return _listed(CARD_ISSUERS)


def card(call: Call) -> Document:
    return _one(CARD_ISSUERS, call.path["code"])


def banks(call: Call) -> list[Document]:
    return _listed(STANDARD_BANKS)


def bank(call: Call) -> Document:
    return _one(STANDARD_BANKS, call.path["code"])


def _listed(names: dict[str, str]) -> list[Document]:
    return [{"code": code, "name": name} for code, name in names.items()]


def _one(names: dict[str, str], code: str) -> Document:
    if code not in names:
        raise Refused("존재하지 않는 코드입니다.", code=-1, status=404)
    return {"code": code, "name": names[code]}
