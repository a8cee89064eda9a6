"""Pin every package by version and hash: ``python installer/pins.py [--upgrade]``.

``--upgrade`` takes the newest allowed versions, else only what has changed is resolved anew.

``requirements.txt`` is what the program needs and the build backend, ``requirements-dev.txt``
all of that and the tools of ``[dependency-groups] dev``. Both hold for every system and Python
that we support, and neither names a package index: which one is asked is each machine's own
affair (a lock file of uv would tie everybody to ours).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent / "pyproject.toml"
APP = HERE / "requirements.txt"
DEV = HERE / "requirements-dev.txt"

HEADER = """\
# {what}
# Made by "python installer/pins.py"; not edited by hand.
"""


def wanted(project: dict[str, Any]) -> list[str]:
    """What the program needs to run and to be installed without a second download."""
    return [*project["project"]["dependencies"], *project["build-system"]["requires"]]


def group(project: dict[str, Any], name: str) -> list[str]:
    """The requirements of a dependency group, groups inside it included."""
    found: list[str] = []
    for entry in project["dependency-groups"][name]:
        found += [entry] if isinstance(entry, str) else group(project, entry["include-group"])
    return found


def compiled(requirements: list[str], out: Path, *, upgrade: bool, like: Path | None) -> str:
    """The text of a requirements file that fulfils *requirements*, as uv resolves it.

    Versions that *out* already pins are kept unless *upgrade*; those in *like* always.
    """
    command = [
        *(sys.executable, "-m", "uv", "pip", "compile", "-"),
        *("--universal", "--generate-hashes", "--python-version", "3.11"),
        *("--no-header", "--no-annotate", "--quiet", "--no-emit-index-url"),
        *("--no-emit-find-links", "--output-file", str(out)),
    ]
    if upgrade:
        command.append("--upgrade")
    if like is not None:
        command += ["--constraints", str(like)]
    subprocess.run(command, input="\n".join(requirements), text=True, check=True, cwd=HERE)
    return out.read_text("utf-8")


def main() -> int:
    """Write both files anew; the exit code of uv where it fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--upgrade", action="store_true", help="take the newest allowed versions")
    upgrade = bool(parser.parse_args().upgrade)
    project = tomllib.loads(PROJECT.read_text("utf-8"))
    app = wanted(project)
    try:
        text = compiled(app, APP, upgrade=upgrade, like=None)
        APP.write_text(HEADER.format(what="What the program needs.") + text, "utf-8")
        text = compiled([*app, *group(project, "dev")], DEV, upgrade=upgrade, like=APP)
        DEV.write_text(HEADER.format(what="The program and the tools for it.") + text, "utf-8")
    except subprocess.CalledProcessError as error:
        print("uv could not resolve the packages; it says why above.", file=sys.stderr)
        return error.returncode
    print(f"Pinned {text.count('==')} packages in {APP.name} and {DEV.name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
