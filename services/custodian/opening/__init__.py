"""The opening: the cohort that both servers agree on, and its one sum, opened, protected, attacked and forgotten."""
