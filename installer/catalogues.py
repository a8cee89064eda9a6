"""The translations: ``python installer/catalogues.py update | compile | state``.

``update`` collects every marked text of the program and brings the .po files up to date (new
texts come in empty, gone ones leave). ``compile`` makes the .mo files that the program reads;
they are not in the repository. ``state`` says how far each language is. A new language begins
with ``update xx``.
"""

from __future__ import annotations

import argparse
import io
import sys
import tomllib
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "clinic_desk" / "resources" / "locale"
DOMAIN = "clinic_desk"

KEYWORDS = {
    "_": None,
    "N_": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}


def po_file(language: str) -> Path:
    """Where a language's translations are written."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def languages() -> list[str]:
    """The languages that have been begun, in order."""
    return sorted(file.parts[-3] for file in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def extracted() -> Catalog:
    """Every marked text of the program, with the files that it stands in."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    methods = [(m["pattern"], m["method"]) for m in project["tool"]["babel"]["mappings"]]
    texts = Catalog(project="Clinic Desk", charset="utf-8", fuzzy=False)
    found = extract_from_dir(
        ROOT,
        method_map=methods,
        keywords=KEYWORDS,
        comment_tags=("Translators:",),
        strip_comment_tags=True,
        directory_filter=lambda folder: not Path(folder).name.startswith((".", "_")),
    )
    for name, _line, message, comments, context in found:
        place = Path(name).as_posix()
        # No line numbers: they would change with every edit and mean nothing to a translator.
        texts.add(message, None, [(place, 0)], auto_comments=comments, context=context)
    return texts


def read(language: str) -> Catalog:
    """A language's translations; an empty catalogue for one that has not been begun."""
    file = po_file(language)
    if not file.exists():
        return Catalog(locale=Locale.parse(language), project="Clinic Desk", fuzzy=False)
    with file.open("rb") as stream:
        return read_po(stream, locale=language, domain=DOMAIN)


def update(more: list[str]) -> None:
    """Bring every .po file, and those of the languages in *more*, to the present texts."""
    texts = extracted()
    for language in sorted({*languages(), *more}):
        catalogue = read(language)
        catalogue.update(texts, no_fuzzy_matching=True, update_header_comment=False)
        catalogue.header_comment = f"# {Locale.parse(language).english_name} for Clinic Desk."
        catalogue.fuzzy = False
        buffer = io.BytesIO()
        write_po(
            buffer, catalogue, width=96, sort_output=True, ignore_obsolete=True, omit_header=False
        )
        lines = buffer.getvalue().decode("utf-8").splitlines()
        # Dates and tool versions in the header would make a change of every run.
        kept = [line for line in lines if not line.startswith(('"POT-Creation', '"Generated-By'))]
        text = "\n".join(line.replace(":0", "") if line[:2] == "#:" else line for line in kept)
        file = po_file(language)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n", "utf-8")


def compile_all() -> list[str]:
    """Compile what is newer than its .mo file; the languages that were compiled."""
    done = []
    for language in languages():
        source = po_file(language)
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with target.open("wb") as stream:
            write_mo(stream, read(language))
        done.append(language)
    return done


def missing(language: str, texts: Catalog) -> list[str]:
    """The texts that *language* does not say yet."""
    catalogue = read(language)
    open_texts = []
    for message in texts:
        if not message.id:
            continue
        known = catalogue.get(message.id, message.context)
        said = known.string if known is not None and not known.fuzzy else ""
        if not (all(said) if isinstance(said, tuple | list) else said):
            open_texts.append(message.id if isinstance(message.id, str) else message.id[0])
    return open_texts


def main() -> int:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=["update", "compile", "state"])
    parser.add_argument("languages", nargs="*", help="languages to begin")
    parser.add_argument("--quiet", action="store_true")
    asked = parser.parse_args()
    if asked.action == "update":
        update(asked.languages)
    if asked.action == "compile":
        done = compile_all()
        if not asked.quiet:
            print(f"Compiled {', '.join(done)}." if done else "Everything is compiled.")
    if asked.action == "state":
        texts = extracted()
        for language in languages():
            print(f"{language}: {len(missing(language, texts))} of {len(texts)} texts missing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
