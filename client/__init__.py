"""Client: the command line ``alongside`` and the HTTP client that it and the tests use."""
