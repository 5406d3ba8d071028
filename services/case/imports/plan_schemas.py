"""Plans and the history of imports on the wire."""

from marshmallow import Schema, fields, validate

from services.case.imports.rules.planned import ENDED, WILL
from services.case.imports.schemas import ImportProblemSchema, ImportSchema
from shared.web.paging import LIMIT, MOST, CursorField
from shared.web.schemas import StrictSchema


class CommitSchema(StrictSchema):
    """The plan that is to be carried out."""

    plan_hash = fields.String(
        required=True,
        validate=validate.Regexp(r"[0-9a-f]{64}\Z", error="This is not the hash of a plan."),
        metadata={"description": "As the plan gives it; another one is refused"},
    )


class HistoryQuerySchema(StrictSchema):
    """Which part of the history is wanted."""

    limit = fields.Integer(load_default=LIMIT, validate=validate.Range(min=1, max=MOST))
    after = CursorField(load_default=None, metadata={"type": "string", "description": "next of an earlier answer"})


class PlanRowsQuerySchema(StrictSchema):
    """Which rows of a plan are wanted."""

    will = fields.String(
        load_default=None,
        validate=validate.OneOf([*WILL.values(), ENDED], error="Rows do one of the things that the plan counts."),
        metadata={"description": "Only rows that will do this"},
    )
    after = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**31 - 1))
    limit = fields.Integer(load_default=LIMIT, validate=validate.Range(min=1, max=MOST))


class PlanColumnSchema(Schema):
    """A column that is read."""

    field = fields.String()
    name = fields.String(metadata={"description": "As the file has it"})
    filled = fields.Integer(metadata={"description": "Cells that hold anything"})


class AdviceSchema(Schema):
    """Problems of one kind together."""

    column = fields.String()
    name = fields.String()
    code = fields.String()
    sentence = fields.String()
    urgent = fields.Boolean()
    rows = fields.Integer()
    first_rows = fields.List(fields.Integer())


class YesSchema(Schema):
    """Yeses that will not count, for one reason."""

    code = fields.String()
    sentence = fields.String()
    rows = fields.Integer()
    first_rows = fields.List(fields.Integer())


class PlanWordingSchema(Schema):
    """Yeses that name the same words; they count only if these are registered."""

    code = fields.String()
    languages = fields.List(fields.String())
    days = fields.List(fields.String(), metadata={"description": "The first and the last day on which it was said"})
    rows = fields.Integer()
    first_rows = fields.List(fields.Integer())


class AbsentSchema(Schema):
    """Somebody of the same source who is not in the file."""

    episode_id = fields.String()
    survivor_id = fields.String()


class PlanSchema(Schema):
    """What a planned import will do, in sum; no cell."""

    hash = fields.String()
    rows = fields.Integer()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    columns = fields.List(fields.Nested(PlanColumnSchema))
    advice = fields.List(fields.Nested(AdviceSchema))
    yeses_that_will_not_count = fields.List(fields.Nested(YesSchema))
    wordings = fields.List(fields.Nested(PlanWordingSchema))
    possible_children = fields.List(fields.Integer())
    consents_ended = fields.List(fields.Integer())
    likely_twins = fields.Integer()
    absent = fields.List(fields.Nested(AbsentSchema))
    absent_count = fields.Integer(allow_none=True)
    unassigned = fields.Integer()
    changed = fields.List(fields.Integer(), metadata={"description": "Rows that changed since an earlier plan"})


class PlanRowProblemSchema(ImportProblemSchema):
    """Why a row will not be taken."""

    class Meta(ImportProblemSchema.Meta):
        """Without the row's number, which stands beside it."""

        exclude = ("row",)

    name = fields.String(metadata={"description": "The column as the file has it"})


class PlanRowSchema(Schema):
    """What one row will do."""

    row = fields.Integer()
    will = fields.String()
    consent_ended = fields.Boolean()
    says_no = fields.Boolean()
    yes_will_not_count = fields.String(allow_none=True)
    wording = fields.String(allow_none=True)
    changes = fields.List(fields.String())
    problems = fields.List(fields.Nested(PlanRowProblemSchema))


class PlanRowsSchema(Schema):
    """A page of a plan's rows."""

    items = fields.List(fields.Nested(PlanRowSchema))
    next = fields.Integer(allow_none=True)


class PastImportSchema(ImportSchema):
    """An import in the history, without its lists."""

    class Meta(ImportSchema.Meta):
        """The report has them."""

        exclude = (
            "problems", "held_rows", "dropped_columns", "unread_columns", "ignored_rows", "changed_rows", "left_rows",
        )  # fmt: skip

    received_at = fields.AwareDateTime()


class HistorySchema(Schema):
    """Imports, the newest first."""

    items = fields.List(fields.Nested(PastImportSchema))
    next = fields.String(allow_none=True)
