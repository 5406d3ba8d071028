"""What keeps the history from being read; nothing is opened until it can be."""

from shared.kernel.errors import AlongsideError

PUBLIC_TABLES_FILE = "public_tables.json"


class PublicTablesError(AlongsideError):
    """The file of public tables cannot be read; nothing is opened until it can."""

    code = "public-tables"

    def __init__(self, why: str) -> None:
        """Name the file and the fault's place."""
        super().__init__(
            f"{PUBLIC_TABLES_FILE} in the custodian's data folder cannot be used: {why}. It is a JSON list of "
            "{period, table, counts: {level-1 category: people}, covers: false}. Correct it, or remove it so that "
            "attackers are played without public shares."
        )


class MissingTaskError(AlongsideError):
    """A release's task is gone, so nobody can say what its figures count; nothing is opened."""

    code = "missing-task"

    def __init__(self, task_id: str) -> None:
        """Name the task."""
        super().__init__(
            f"Task {task_id} was released but its terms are missing from the custodian's database. Restore the "
            "collection tasks from the newest copy; without it a new release cannot be set against this one."
        )
