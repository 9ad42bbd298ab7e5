"""A hook of MkDocs: pages of the site that lie elsewhere in the project, and files that pages link to.

``README.md`` is the first page; ``CONTRIBUTING.md`` and ``CHANGELOG.md`` are pages, too. A link of a page that leaves
the folder of the docs, as to a picture or a study file in ``assets``, leads to a copy of that file in the site. Every
link must lead somewhere: MkDocs is strict and says which does not.
"""

import re
import tomllib
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"index.md": "README.md", "CONTRIBUTING.md": "CONTRIBUTING.md", "CHANGELOG.md": "CHANGELOG.md"}
# Drawings that the theme names.
ALWAYS = ("assets/logo/icon.svg",)
GLOSSARY = "<!-- glossary -->"
LINK = re.compile(r"(\]\()([^)#\s]+)((?:#[^)\s]*)?\))")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages and files that lie outside of the docs."""
    for name, source in PAGES.items():
        files.append(File.generated(config, name, content=(ROOT / source).read_text(encoding="utf-8")))
    texts = [(Path("docs") / file.src_uri, file.content_string) for file in files.documentation_pages()]
    linked = {place for where, text in texts for place in _linked(text, _folder_of(where))}
    for place in sorted({*ALWAYS, *linked}):
        if files.get_file_from_path(place) is None and not place.endswith(".md"):
            files.append(File.generated(config, place, abs_src_path=str(ROOT / place)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001  # the hook's signature
    """Return the text of a page with its links as they are in the site."""
    folder = _folder_of(Path("docs") / page.file.src_uri)
    markdown = markdown.replace(GLOSSARY, _glossary())
    return LINK.sub(lambda link: f"{link[1]}{_in_site(link[2], folder)}{link[3]}", markdown)


def _glossary() -> str:
    """Return the terms that the pages of the dashboard explain in their tooltips, as a table."""
    terms: dict[str, str] = tomllib.loads((ROOT / "assets" / "glossary.toml").read_text(encoding="utf-8"))["terms"]
    rows = [f"| {term} | {meaning} |" for term, meaning in sorted(terms.items())]
    return "\n".join(["| term | meaning |", "|---|---|", *rows])


def _folder_of(page: Path) -> Path:
    """Return the folder that the links of a page start from: that of its file in the project."""
    return (ROOT / PAGES.get(page.relative_to("docs").as_posix(), page.as_posix())).parent


def _linked(text: str, folder: Path) -> set[str]:
    """Return the files of the project outside of the docs that a text links to, by their paths in the site."""
    found = set()
    for _, written, _ in LINK.findall(text):
        place = (folder / written).resolve()
        if place.is_file() and place.is_relative_to(ROOT) and not place.is_relative_to(ROOT / "docs"):
            found.add(place.relative_to(ROOT).as_posix())
        elif place.suffix == ".ipynb" and place.is_file():
            found.add(place.relative_to(ROOT / "docs").as_posix())
    return found


def _in_site(written: str, folder: Path) -> str:
    """Return a link as it is in the site, where all pages lie in one folder."""
    place = (folder / written).resolve()
    if "://" in written or not place.is_relative_to(ROOT) or not place.exists():
        return written
    inside = place.relative_to(ROOT).as_posix()
    return next((name for name, source in PAGES.items() if source == inside), inside.removeprefix("docs/"))
