"""All reports, in the order in which an owner reads them."""

from cody_site.back_office.reports import attendance, cancellations, clients, lead_time, revenue, revenue_by, seats

REPORTS = {
    report.slug: report
    for report in (
        revenue.BY_PAYMENT_DATE,
        revenue.BY_VISIT_DATE,
        revenue_by.BY_DESIGNER,
        revenue_by.BY_WEEKDAY,
        revenue_by.BY_HOUR,
        seats.BY_DESIGNER,
        seats.BY_WEEKDAY,
        seats.BY_HOUR,
        attendance.REPORT,
        clients.REPORT,
        lead_time.REPORT,
        cancellations.REPORT,
    )
}

SHOWN_AT_FIRST = [
    revenue.BY_PAYMENT_DATE,
    revenue.BY_VISIT_DATE,
    seats.BY_DESIGNER,
    attendance.REPORT,
    clients.REPORT,
    lead_time.REPORT,
    cancellations.REPORT,
]
"""Whose figures stand on the overview; the others have the same figures, divided otherwise."""
