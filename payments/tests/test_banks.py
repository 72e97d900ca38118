"""R30: the manual's bank codes, for each gateway, and IMP's present ones."""

import pytest

from payments.banks import present_code
from payments.errors import UnappropriateAccess

# The manual's table, row by row: KG이니시스, NHN KCP, LG유플러스, 나이스페이먼츠 · JTNet · 다날, KICC; then IMP's
# present codes of the same bank: KG이니시스, NHN KCP, everybody else.
TABLE = """
KB국민은행                04 BK04 004 004 004  04 BK04 004
SC제일은행                23 BK23 023 023 023  23 BK23 023
경남은행                  39 BK39 039 039 039  39 BK39 039
광주은행                  34 BK34 034 034 034  34 BK34 034
기업은행                  03 BK03 003 003 003  03 BK03 003
농협                      11 BK11 011 011 011  11 BK11 011
대구은행                  31 BK31 031 031 031  31 BK31 031
부산은행                  32 BK32 032 032 032  32 BK32 032
산업은행                  02 BK02 002 002 002  02 BK02 002
새마을금고                45 BK45 045 045 045  45 BK45 045
수협                      07 BK07 007 007 007  07 BK07 007
신한은행                  88 BK88 088 088 026  88 BK88 088
신협                      48 BK48 048 048 048  48 BK48 048
외환은행                  05 BK81 005 005 081  81 BK81 081
우리은행                  20 BK20 020 020 020  20 BK20 020
우체국                    71 BK71 071 071 071  71 BK71 071
전북은행                  37 BK37 037 037 037  37 BK37 037
축협                      16 -    -   -   -    12 BK12 012
카카오뱅크                90 BK90 -   090 090  90 BK90 090
케이뱅크                  89 BK89 -   089 089  89 BK89 089
하나은행(서울은행)        81 BK81 081 081 081  81 BK81 081
한국씨티은행(한미은행)    53 BK27 027 027 027  27 BK27 027
"""
GATEWAYS = [
    ("html5_inicis", "inicis"),
    ("kcp", "kcp_billing"),
    ("uplus", "tosspayments"),
    ("nice", "nice_v2", "danal", "danal_tpay", "jtnet"),
    ("kicc",),
]
ROWS = [line.split() for line in TABLE.strip().splitlines()]
COLUMNS = [(gateway, column) for column, gateways in enumerate(GATEWAYS, start=1) for gateway in gateways]


@pytest.mark.parametrize(("gateway", "column"), COLUMNS)
def test_every_code_of_the_manual_is_the_present_code_of_the_same_bank(settings, gateway, column):
    settings.IMP_PG = f"{gateway}.MID"

    for bank, *codes in ROWS:
        present = codes[5 + min(column - 1, 2)]
        if codes[column - 1] != "-":
            assert present_code(codes[column - 1]) == present, bank
        assert present_code(present) == present, bank


@pytest.mark.parametrize(
    ("gateway", "code"),
    [
        ("kcp", "BK16"), ("uplus", "016"), ("nice_v2", "016"), ("nice_v2", "04"), ("nice_v2", "BK04"), ("kcp", "004"),
        ("html5_inicis", "004"), ("nice_v2", "026"), ("kicc", "005"), ("ksnet", "005"), ("daou", "004"),
        ("kcp", "BK05"),
    ],
)  # fmt: skip
def test_what_a_gateway_does_not_support_is_refused(settings, gateway, code):
    settings.IMP_PG = gateway

    with pytest.raises(UnappropriateAccess):
        present_code(code)


def test_another_gateway_takes_present_codes_only(settings):
    settings.IMP_PG = "daou"
    assert present_code("11") == "11"
    settings.IMP_PG = "ksnet"
    assert present_code("092") == "092"
