"""A host's audit log, its way out, and both witnesses, each with its own database, without a broker."""

from datetime import UTC, datetime, timedelta

from services.audit.tree.appending import append_waiting
from services.audit.witnesses.offering import Offering
from shared.contracts.witness import CheckpointBrought, CheckpointOffered
from shared.transparency.log_key import LogKey
from tests.kit.audited import batch_of, hear
from tests.kit.statistics_path import Party, StatisticsPath

MORNING = datetime(2026, 8, 1, 4, tzinfo=UTC)
TREE = (
    "batches",
    "stretches",
    "tiles",
    "heads",
    "checkpoints",
    "public_keys",
    "witnesses",
    "witness_days",
    "cosignatures",
)


class WitnessPath(StatisticsPath):
    """A few hosts and their witnesses; the clock stands just after the fixed time of day."""

    def __init__(self, client, folder, hosts=("alder",)):
        self.audit = {}
        super().__init__(client, folder, hosts)
        self.audit = {host: Party(self, host, "audit") for host in hosts}
        self.clock.moment = MORNING

    @property
    def parties(self):
        return (*super().parties, *self.audit.values())

    def settings(self, tenant, folder):
        file = folder / "log.key"
        if not file.exists():
            file.write_text(LogKey.draw().text)
            file.chmod(0o600)
        settings = super().settings(tenant, folder)
        settings.extra["log_key_file"] = str(file)
        return settings

    def targets(self, row, event):
        inside = {CheckpointOffered.event_type: self.reporting, CheckpointBrought.event_type: self.audit}
        if row["route"] == "local":
            return [inside[event["type"]][row["tenant_id"]]] if event["type"] in inside else []
        return super().targets(row, event)

    def grow(self, count, host="alder"):
        """Let so many things happen."""
        hear(self.audit[host].context, batch_of(count))
        append_waiting(self.audit[host].context)

    def offer(self, host="alder"):
        """What the daily job does."""
        return Offering(self.audit[host].context).run()

    def next_day(self, days=1):
        self.clock.moment += timedelta(days=days)

    def a_day(self, count=0, host="alder", **carrying):
        """A day on which so many things happen, and its end."""
        self.next_day()
        if count:
            self.grow(count, host)
        self.offer(host)
        self.carry(**carrying)

    def row(self, witness, host="alder"):
        """How a witness stands, as the host knows it."""
        return self.audit[host].database["witnesses"].find_one({"_id": witness})

    def seen(self, party, host="alder"):
        """What a witness keeps of a host."""
        return party.database["witnessed"].find_one({"_id": host})

    def copy(self, host="alder"):
        """An old copy of the log's database, and of the file beside it."""
        database = self.audit[host].database
        beside = self.audit[host].context.settings.data_dir / "audit-checkpoint"
        return {name: list(database[name].find()) for name in TREE}, beside.read_text()

    def put_back(self, copied, host="alder"):
        documents, note = copied
        database = self.audit[host].database
        for name, rows in documents.items():
            database[name].delete_many({})
            if rows:
                database[name].insert_many(rows)
        (self.audit[host].context.settings.data_dir / "audit-checkpoint").write_text(note)
