"""Releases: protected tables that two people sign, as figures, files and pages; never changed afterwards."""
