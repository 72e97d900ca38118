"""What a run prints, as docs/chaos.md shows it."""

from collections import Counter

from deploy.chaos.journal import DOWN, OK, REFUSED, UNKNOWN, Journal


def table(journal: Journal, seed: int, minutes: float, broken: list[str], settled: float, *, has_disk: bool) -> str:
    """`settled` is how many seconds the workers took to bring our books to what IMP's say."""
    lines = [
        f"seed {seed}, {minutes:g} minutes; the workers had settled everything {settled:.0f} seconds later",
        "",
        "| fault | times |",
        "| --- | --- |",
    ]
    lines += [f"| {kind} | {times} |" for kind, times in sorted(journal.faults.items())]
    lines += [] if has_disk else ["| fill disk | left out: this machine lets us mount no small one |"]
    lines += [
        "",
        "| asked for | done | refused | come again (503) | never answered |",
        "| --- | --- | --- | --- | --- |",
    ]
    whats = sorted({what for what, _meaning in journal.answers})
    for what in whats:
        counts = [journal.answers[what, meaning] for meaning in (OK, REFUSED, DOWN, UNKNOWN)]
        lines.append(f"| {what} | {' | '.join(map(str, counts))} |")
    totals = [sum(journal.answers[what, meaning] for what in whats) for meaning in (OK, REFUSED, DOWN, UNKNOWN)]
    lines.append(f"| **all {sum(totals):,}** | {' | '.join(f'{total:,}' for total in totals)} |")
    lines += ["", "| told | done | refused | in doubt |", "| --- | --- | --- | --- |"]
    for what, meanings in _told(journal).items():
        lines.append(f"| {what} | {meanings[OK]} | {meanings[REFUSED]} | {meanings[UNKNOWN] + meanings[DOWN]} |")
    lines += ["", f"**{len(broken)} violations**" if broken else "**No violations.**", *broken[:50]]
    return "\n".join(lines) + "\n"


def _told(journal: Journal) -> dict[str, Counter[str]]:
    """How much there was to compare."""
    visits, charges = journal.visits.values(), journal.charges.values()
    return {
        "reservations": Counter(visit.booked for visit in visits),
        "places of them, moves included": Counter(act.meaning for visit in visits for act in visit.acts),
        "cancellations": Counter(meaning for visit in visits for meaning in visit.cancels),
        "charges": Counter(charge.meaning for charge in charges if not charge.account),
        "virtual accounts": Counter(charge.meaning for charge in charges if charge.account),
        "deposits into them": Counter(charge.deposited for charge in charges if charge.deposited != REFUSED),
        "refunds": Counter(meaning for charge in charges for meaning, _amount in charge.refunds),
        "photos": Counter({OK: len(journal.uploads)}),
        "own things shown": Counter({OK: len(journal.shown)}),
    }
