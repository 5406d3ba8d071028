"""The attack gate: plays outsider, insiders and a simulating attacker against a release before it leaves.

Pure. Shares no code with ``services.custodian.protection``, so that one mistake cannot stand in both; only
``services.custodian.opening.deciding`` knows the two. Source: decisions 5.
"""
