"""Custodian: the second server; opens one sum for each task, protects it and forgets it.

Owns:       seeds, its keys for each task, the one opening, the protector's and the gate's verdicts,
            what it ever sent to be shown, what it saw of the hosts' audit logs.
Accepts:    nothing from people; its data custodian reads the receipts.
Listens to: board.task_proposed.v1, board.reports_accepted.v1, board.cohort_summed.v1,
            board.keys_destroyed.v1, reporting.seed_submitted.v1,
            reporting.checkpoint_submitted.v1.
Publishes:  custodian.task_accepted.v1, custodian.cohort_agreed.v1, custodian.tables_protected.v1,
            custodian.opening_refused.v1, custodian.keys_destroyed.v1, custodian.checkpoint_judged.v1.
Never:      holds a share A, opens a second sum of a task, tells anyone a true figure.
"""
