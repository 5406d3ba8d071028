"""Exit codes of every process and command, once; people, supervisors and orchestrators act on them."""

EXIT_DONE = 0
EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_AWAY = 3
EXIT_TEMPORARY = 75
EXIT_CONFIGURATION = 78

MEANINGS = {
    EXIT_DONE: "done",
    EXIT_REFUSED: "refused or failed, with the reason",
    EXIT_USAGE: "wrong usage",
    EXIT_AWAY: "a program that is needed, such as the database, does not answer",
    EXIT_TEMPORARY: "a process ended for a reason that may pass: start it again",
    EXIT_CONFIGURATION: "a process was given something wrong, or stands in the wrong place: a new start mends nothing",
}
"""What each says; the reference of the command line is written from it. 75 and 78 are those of ``sysexits.h``."""
