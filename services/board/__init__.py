"""Board: opens tasks, collects one half of each host's report, and shows what may be shown.

Owns:       tasks, sealed shares A until their task ends, judgements of reports, cohorts, releases,
            key learnings, what it saw of the hosts' audit logs.
Accepts:    ProposeTask, DraftRelease, ApproveRelease, DelayRelease, EraseTable, WriteLearning,
            ApproveLearning.
Listens to: reporting.share_submitted.v1, reporting.checkpoint_submitted.v1 (hosts);
            custodian.task_accepted.v1, custodian.cohort_agreed.v1,
            custodian.tables_protected.v1, custodian.opening_refused.v1, custodian.keys_destroyed.v1,
            custodian.checkpoint_judged.v1.
Publishes:  board.task_proposed.v1, board.reports_accepted.v1, board.cohort_summed.v1,
            board.keys_destroyed.v1 (to the custodian); board.task_opened.v1, board.release_published.v1 (to
            the hosts); board.report_judged.v1, board.checkpoint_answered.v1 (to one host).
Never:      holds a true figure, a host's count, or anything about one person.
"""
