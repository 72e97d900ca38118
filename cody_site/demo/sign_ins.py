"""How to get into the demo salon; the README prints the same."""

PASSWORD = "cody-demo-pw"  # noqa: S105 -- the demo's, and only the demo's
CLIENT_SECRET = "demo-secret"  # noqa: S105

SIGN_INS = [
    ("staff", "administrator (관리자)"),
    ("finance", "finance manager (재정매니저)"),
    ("system", "system manager (시스템매니저)"),
    ("tester", "test account (테스트계정)"),
    ("designer1 … designer4", "designers (디자이너)"),
    ("customer1 … customer20", "customers (일반 사용자)"),
    ("demo-server", f"OAuth client, client_credentials, secret {CLIENT_SECRET}"),
    ("demo-mobile", "OAuth client, public: password, authorization code + PKCE"),
]
