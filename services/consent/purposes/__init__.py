"""The purposes: what each takes, who receives it, on what basis in law, and whether a host has said so of all."""
