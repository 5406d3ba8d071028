"""Two people of a host state that it leaves the pilot, and to whose key everything may be written."""
