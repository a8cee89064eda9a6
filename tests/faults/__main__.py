"""``python -m tests.faults URL --kills 50``: the long form, on an empty database."""

from __future__ import annotations

import argparse
import json
import sys

from clinic_desk.models import base, schema
from tests.faults import kills


def main() -> int:
    """Kill a desk as often as asked; 0 when nothing acknowledged was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--kills", type=int, default=50)
    arguments = parser.parse_args()
    database = base.connect(arguments.url)
    schema.create(database)
    database.close()
    found = kills.run(arguments.url, arguments.kills)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return 0 if not found["lost"] and not found["findings"] else 1


if __name__ == "__main__":
    sys.exit(main())
