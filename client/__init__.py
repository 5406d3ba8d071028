"""Client: the command line ``alongside``."""
