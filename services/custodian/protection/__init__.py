"""The protector: rounds and coarsens an opened sum until what is shown keeps the plan's minimums.

Pure. Shares no code with ``services.custodian.gate``, so that one mistake cannot stand in both; only
``services.custodian.opening.deciding`` knows the two. Source: decisions 5.
"""
