"""Integrations: what the host's own systems may learn, kept 90 days in one gapless order and served from there.

Owns:       public events and their positions, the newest state of each thing, named consumers and their cursors,
            webhooks with their deliveries, event queues and how far each is filled.
Accepts:    consumers, acknowledgements and seeks; webhooks; requests for event queues.
Listens to: identity.staff_changed.v1, case.survivor_assigned.v1, case.survivor_erased.v1, case.episode_opened.v1,
            case.episode_closed.v1, case.episode_status_changed.v1, case.contact_recorded.v1,
            case.safeguarding_task_opened.v1, consent.status_changed.v1, consent.withdrawal_proven.v1,
            consent.withdrawal_asked.v1, consent.everything_stopped.v1, case.access_asked.v1,
            case.processing_restricted.v1, case.restriction_lifted.v1; and once, of what
            stood here before, case.survivor_told.v1, case.episode_told.v1, case.everything_told.v1,
            consent.status_told.v1.
Publishes:  integrations.withdrawal_answered.v1, integrations.access_answered.v1, and its own marks and audit records.
Never:      holds a statistics pseudonym, a name or a word; calls an address that is not of the public
            internet; serves a yes that is no longer so, or an erased person; puts a yes where
            it would wait out of reach.
"""
