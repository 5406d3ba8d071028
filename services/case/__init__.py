"""Case: a host's own record of whom it supports, and the front door of its imports.

Owns:       survivors, support episodes, contacts, steps, goals, outcomes, entitlements, needs, risks, the NRM,
            safeguarding tasks, imports, rights cases, erasures, requests for information, breaches, possible
            duplicates, what people are found by, questions of supervisors, hand-overs, copies collected for whoever
            asks, visits on which somebody goes alone, restrictions and what was opened in spite of one, what of a
            person was given to whom, approvals of plans and ends of support, interpreters by rule,
            whether children depend on somebody,
            what was opened in an emergency, and who never opens whose record.
Accepts:    RegisterSurvivor, OpenReferral, AssignAdvocates, OpenEpisode, MoveEpisode, ChangeEpisode, CloseEpisode,
            RecordContact, CorrectContact, AddStep, FinishStep, SetGoal, ScoreGoal, RateOutcomes, RecordEntitlement,
            WeighNeed, WeighRisk, RecordNrm, CorrectNrm, StartImport, TakeRightsCase, DecideRightsCase, AnswerDuplicate,
            LookAtContact, AnswerQuestion, WriteNote, ReadHandover, PlanVisit, SaySafe, CloseAlarm, Restrict,
            LiftRestriction, OpenForLife, AskToDisclose, GiveOut, NoteTold, AskForPlan, AskForClosure, Approve,
            SendBack, OpenInEmergency, ReviewEmergency, NameNever, EndNever.
Listens to: identity.staff_changed.v1, identity.roster_stated.v1, consent.withdrawal_asked.v1,
            consent.access_answered.v1, integrations.access_answered.v1, audit.access_answered.v1,
            reporting.access_answered.v1, consent.disclosure_permitted.v1, consent.disclosure_refused.v1.
Publishes:  case.survivor_assigned.v1, case.survivor_erased.v1, case.episode_opened.v1,
            case.episode_closed.v1, case.episode_status_changed.v1, case.contact_recorded.v1,
            case.statistics_facts_changed.v1, case.import_consent_stated.v1, case.safeguarding_task_opened.v1,
            case.withdrawal_answered.v1, case.access_asked.v1, case.processing_restricted.v1,
            case.restriction_lifted.v1, case.disclosure_requested.v1, and once, of what stood here before integrators
            were served, case.survivor_told.v1, case.episode_told.v1, case.everything_told.v1.
Never:      decides about consent; opens an episode for someone under 18 at referral; sends anything out;
            lets an advocate act on somebody whom nobody assigned to them; lets anybody but the data protection officer
            read or change a restricted record.
"""
