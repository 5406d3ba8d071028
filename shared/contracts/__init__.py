"""Contracts: every fact that crosses from one service to another, as a frozen type; none identifies a person.

A field is an id, a code, a count, an instant or a hash (docs/decisions/0005-no-personal-data-on-the-bus.md);
``shared.contracts.fields`` names the kinds, ``shared.contracts.registry`` holds every type, and
``shared.contracts.checks`` refuses at publish what does not fit.
"""
