"""How a secret may be spelled where it should not be: as a host writes it, as JSON, as Python prints it."""

from datetime import timedelta

CHANCE = 2


def of_day(day):
    """Spell a day; digits alone are left out, since a random id may hold them by chance."""
    before = day - timedelta(days=1)
    return (
        day.strftime("%d/%m/%Y"),
        day.isoformat(),
        f"{day.day} {day:%B %Y}",
        f"{day.day} {day:%b %Y}",
        # As Python prints what MongoDB gives back, and the day's beginning in British Summer Time, as UTC.
        f"datetime({day.year}, {day.month}, {day.day}, ",
        f"datetime({before.year}, {before.month}, {before.day}, 23, 0",
        f"{before.isoformat()}T23:00",
    )


def of_counts(counts):
    """Spell one host's row of a table; a row of one or two people may be chance and is left out."""
    if sum(counts.values()) <= CHANCE:
        return ()
    return tuple(", ".join(f"{q}{name}{q}: {count}" for name, count in counts.items()) for q in ("'", '"'))
