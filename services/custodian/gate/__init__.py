"""The attack gate: plays every attacker that decisions 5 names against a release before it leaves.

It knows the truth, the whole history and the public tables; its report names tables and rules, never a value.
It shares no code with the protector, so that one mistake cannot hide the other.
"""
