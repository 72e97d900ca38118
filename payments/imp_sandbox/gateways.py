"""Payment gateways (PG), and the channel through which a payment goes to one."""

from dataclasses import dataclass

PROVIDERS = (
    "html5_inicis", "inicis", "inicis_unified", "kcp", "kcp_billing", "kcp_quick", "uplus", "tosspayments", "nice",
    "nice_v2", "kicc", "kakaopay", "danal", "danal_tpay", "mobilians", "payco", "paypal", "paypal_v2", "eximbay",
    "naverpay", "naverco", "smilepay", "daou", "paymentwall", "tosspay", "smartro", "smartro_v2", "settle",
    "settle_acc", "ksnet", "galaxia", "welcome", "jtnet",
)  # fmt: skip


@dataclass(frozen=True)
class Channel:
    provider: str
    mid: str = "imp00sandbox"
    sandbox: bool = True

    def named(self, pg: str | None) -> "Channel":
        """The channel that `{PG}` or `{PG}.{MID}` names; this one if it names none."""
        provider, _, mid = (pg or "").partition(".")
        if provider not in PROVIDERS:
            return self
        return Channel(provider, mid or self.mid, self.sandbox)
