"""Amounts announced before a payment window opens. Payments by API do not ask for them."""

import json

from payments.imp_sandbox.answers import Refused
from payments.imp_sandbox.calls import Call, Document


def announce(call: Call) -> Document:
    if _find(call, call.given.merchant_uid()):
        raise Refused("결제정보 사전등록에 실패하였습니다(이미 등록된 merchant_uid입니다).")
    return _save(call)


def change(call: Call) -> Document:
    if not _find(call, call.given.merchant_uid()):
        raise _unknown()
    return _save(call)


def one(call: Call) -> Document:
    prepared = _find(call, call.path["merchant_uid"])
    if prepared is None:
        raise _unknown()
    return prepared


def _find(call: Call, merchant_uid: str) -> Document | None:
    row = call.db.execute("SELECT document FROM prepared WHERE merchant_uid = ?", (merchant_uid,)).fetchone()
    return json.loads(row["document"]) if row else None


def _save(call: Call) -> Document:
    prepared: Document = {
        "merchant_uid": call.given.merchant_uid(),
        "amount": call.given.amount(),
        "currency": call.given.text("currency") or "KRW",
    }
    call.db.execute(
        "INSERT OR REPLACE INTO prepared (merchant_uid, document) VALUES (?, ?)",
        (prepared["merchant_uid"], json.dumps(prepared, ensure_ascii=False)),
    )
    return prepared


def _unknown() -> Refused:
    return Refused("사전등록된 결제정보가 존재하지 않습니다.", code=-1, status=404)
