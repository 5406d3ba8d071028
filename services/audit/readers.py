"""Who may read what was done: the people who answer for the host's data, and who runs it."""

READERS = ("HOST_DPO", "HOST_ADMIN", "DATA_GUARDIAN", "PLATFORM_OPERATOR")
