"""Who may map a host's files: whoever looks after its figures, and its administrator."""

MAPPERS = ("HOST_DATA_LEAD", "HOST_ADMIN")
