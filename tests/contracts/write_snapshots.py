"""Writes the snapshot of every event that has none; an existing one is changed by hand, with a reason."""

import json
from pathlib import Path

from shared.contracts.schemas import json_schemas

if __name__ == "__main__":
    folder = Path(__file__).parent / "snapshots"
    folder.mkdir(exist_ok=True)
    for event_type, schema in json_schemas().items():
        file = folder / f"{event_type}.json"
        if not file.exists():
            file.write_text(json.dumps(schema, indent=1, sort_keys=True) + "\n", encoding="utf-8")
