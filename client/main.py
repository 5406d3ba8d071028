"""``alongside``: one command for the operator, the host and the board.

Its exit codes, and those of the processes, stand in ``shared.kernel.exits``.
"""

import os
import sys

import amqp
import typer
from pymongo.errors import ConnectionFailure, OperationFailure

from client import (
    acting,
    audit,
    breaches,
    casework,
    casework_approvals,
    casework_dependants,
    casework_handovers,
    casework_questions,
    centre,
    consents,
    consumer,
    copies,
    disclosures,
    emergencies,
    erase,
    events,
    health,
    host,
    importing,
    information,
    interpreting,
    keeping,
    leaving,
    local,
    papers,
    parked,
    people,
    queues,
    records,
    restrictions,
    rights,
    sandboxes,
    signing_in,
    sources,
    stops,
    survivors,
    team,
    unusual,
    visits,
    webhooks,
)
from client.shown import talk
from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.exits import EXIT_AWAY, EXIT_REFUSED

app = typer.Typer(
    name="alongside", no_args_is_help=True, add_completion=False, help="Run, watch and use an Alongside pilot."
)
acting.register(app)
signing_in.register(app)
local.register(app)
health.register(app)
host.register(app)
audit.register(app)
importing.register(app)
centre.register(app)
parked.register(app)
events.register(app)
records.register(app)
sources.register(app)
webhooks.register(app)
queues.register(app)
consents.register(app)
rights.register(app)
restrictions.register(app)
copies.register(app)
information.register(app)
breaches.register(app)
consumer.register(app)
sandboxes.register(app)
erase.register(app)
keeping.register(app)
papers.register(app)
unusual.register(app)
people.register(app)
casework.register(app)
casework_approvals.register(casework.casework)
casework_dependants.register(casework.casework)
casework_questions.register(casework.casework)
casework_handovers.register(casework.casework)
team.register(app)
survivors.register(app)
interpreting.register(app)
visits.register(app)
stops.register(app)
disclosures.register(app)
leaving.register(app)
emergencies.register(app)

_UNREACHABLE: tuple[type[Exception], ...] = (ConnectionFailure, ConnectionError, TimeoutError, amqp.AMQPError)
_LOOK = "See what is not running with: alongside doctor"


def main() -> None:
    """Run one command; errors are one line that says what, why and how to mend it."""
    try:
        app(standalone_mode=True)
    except TemporarilyUnavailableError as error:
        said = str(error)
        more = "" if "alongside " in said else f"{'' if said.endswith('.') else '.'} {_LOOK}"
        talk.print(f"[red]{said}{more}[/red]", soft_wrap=True)
        sys.exit(EXIT_AWAY)
    except _UNREACHABLE as error:
        what = "The message broker" if isinstance(error, amqp.AMQPError) else "The database or the message broker"
        talk.print(f"[red]{what} does not answer. {_LOOK}[/red]", soft_wrap=True)
        sys.exit(EXIT_AWAY)
    except OperationFailure:
        # A driver's text would say much of a server and nothing of what to do.
        talk.print(f"[red]The database refused this command. {_LOOK}[/red]", soft_wrap=True)
        sys.exit(EXIT_REFUSED)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        talk.print(f"[red]The system refused: {error.strerror or type(error).__name__}{where}.[/red]", soft_wrap=True)
        sys.exit(EXIT_REFUSED)
    except AlongsideError as error:
        talk.print(f"[red]{error}[/red]", soft_wrap=True)
        sys.exit(EXIT_REFUSED)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
