"""The log over HTTP, for whoever verifies it."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.audit.checkpoints.checking import FINDINGS, LogCheck
from services.audit.checkpoints.views import LogViews
from services.audit.readers import READERS
from shared.contracts.fields import MAX_COUNT
from shared.runtime.context import ServiceContext
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import StrictSchema

MOST_LEAVES = 1_000


class LogSchema(Schema):
    """How far the log is."""

    size = fields.Integer(metadata={"description": "Leaves that have their place"})
    signed_size = fields.Integer(metadata={"description": "Leaves below the newest checkpoint"})
    checkpoint = fields.String(
        allow_none=True, metadata={"description": "The newest, as C2SP spells it; null before the first one"}
    )
    keys = fields.List(
        fields.String(),
        metadata={
            "description": "The log's public keys, two lines. Take them once, at the beginning and over a way that you "
            "trust; a verifier believes the ones that it was given then, never these"
        },
    )


class LeavesQuerySchema(StrictSchema):
    """Which leaves."""

    first = fields.Integer(load_default=0, validate=validate.Range(min=0, max=MAX_COUNT))
    limit = fields.Integer(load_default=MOST_LEAVES, validate=validate.Range(min=1, max=MOST_LEAVES))


class LeavesSchema(Schema):
    """Consecutive leaves of the log."""

    first = fields.Integer()
    items = fields.List(fields.String(), metadata={"description": "Each the exact text that the tree hashes, in UTF-8"})
    next = fields.Integer(allow_none=True, metadata={"description": "first of the next page"})


class WrongSchema(Schema):
    """One thing that does not fit."""

    index = fields.Integer(allow_none=True, metadata={"description": "Place in the log; null of the whole"})
    entry_id = fields.String(allow_none=True)
    what = fields.String(
        validate=validate.OneOf(FINDINGS),
        metadata={
            "description": "LEAF_CHANGED, ENTRY_CHANGED: it is not what was appended. LEAF_MISSING, ENTRY_MISSING: it "
            "was taken out. ENTRIES_ADDED: entries stand there that no service reported. ROOT_DIFFERS: the tree is "
            "not what was signed"
        },
    )


class CheckSchema(Schema):
    """What a part of the log was found to be."""

    first = fields.Integer()
    checked = fields.Integer(metadata={"description": "Leaves that were looked at"})
    next = fields.Integer(allow_none=True, metadata={"description": "first of the next part"})
    wrong = fields.List(fields.Nested(WrongSchema), metadata={"description": "Nothing, where all is well"})


class EntryProofSchema(Schema):
    """A proof that fits into one file."""

    index = fields.Integer(metadata={"description": "The entry's place in the log"})
    proof = fields.String(
        metadata={"description": "A tlog-proof; its extra data has the leaf, the ids and their salts"}
    )


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes of the log."""
    database = context.client[context.database_name]
    views = LogViews(database)

    def read_log(_asked: Asked) -> dict[str, Any]:
        return views.log()

    def read_leaves(asked: Asked) -> dict[str, Any]:
        return views.leaves(asked.query["first"], asked.query["limit"])

    def check(asked: Asked) -> dict[str, Any]:
        return LogCheck(database).part(asked.query["first"], asked.query["limit"])

    def prove(asked: Asked) -> dict[str, Any]:
        return views.proof(asked.path["entry_id"])

    return [
        RouteGroup(
            name="audit",
            about="What was done and read",
            routes=[
                Route(
                    method="GET",
                    path="/v1/audit/log",
                    says="Read how far the log is, its newest checkpoint and its public keys.",
                    roles=READERS,
                    gives=LogSchema,
                    view=read_log,
                    action="audit:log:read",
                    object_id=lambda _asked: "log",
                ),
                Route(
                    method="GET",
                    path="/v1/audit/log/leaves",
                    says="Read signed leaves in the log's order; they name nobody.",
                    roles=READERS,
                    query=LeavesQuerySchema,
                    gives=LeavesSchema,
                    view=read_leaves,
                    action="audit:leaves:list",
                ),
                Route(
                    method="GET",
                    path="/v1/audit/log/check",
                    says="Hold a part of what staff read against the tree, and the tree against its checkpoint.\n\nIt "
                    "finds what somebody with the database's own rights wrote there. Only an export shows more.",
                    roles=READERS,
                    query=LeavesQuerySchema,
                    gives=CheckSchema,
                    view=check,
                    action="audit:log:check",
                    object_id=lambda _asked: "log",
                ),
                Route(
                    method="GET",
                    path="/v1/audit/entries/<string:entry_id>/proof",
                    says="Prove that an entry stands in the log.\n\nThe proof can be verified without this service, by "
                    "the log's public keys alone. Whoever holds it learns who did what to which id.",
                    roles=READERS,
                    gives=EntryProofSchema,
                    view=prove,
                    action="audit:entry:prove",
                ),
            ],
        )
    ]
