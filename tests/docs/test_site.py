"""The documentation as readers get it: built strictly, complete, and asking nobody."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
ASSETS = {("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("link", "href"), ("audio", "src")}
OUTSIDE = re.compile(r"^(https?:)?//")


class Page(HTMLParser):
    """What one built page loads, links to and can be linked at."""

    def __init__(self, file):
        super().__init__()
        self.loads, self.links, self.ids = [], [], set()
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if value and (tag, name) in ASSETS:
                self.loads.append(value)
            if value and name == "srcset":
                self.loads += [part.split()[0] for part in value.split(",")]
            if value and (tag, name) == ("a", "href"):
                self.links.append(value)
            if name in {"id", "name"} and value:
                self.ids.add(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built as make docs builds it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-W", "ignore", "-m", "mkdocs", "build", "--strict", "--site-dir", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site):
    return {file: Page(file) for file in sorted(site.rglob("*.html"))}


def test_a_page_loads_nothing_from_elsewhere(pages, site):
    """No page, style or script of ours names an asset on another server: it reads the same without a network."""
    found = [f"{file.name}: {url}" for file, page in pages.items() for url in page.loads if OUTSIDE.match(url)]
    for style in site.rglob("*.css"):
        urls = re.findall(r"(?:url\(|@import\s)['\"]?([^'\")]+)", style.read_text(encoding="utf-8"))
        found += [f"{style.name}: {url}" for url in urls if OUTSIDE.match(url)]
    ours = [*(site / "assets").glob("*.js")]
    assert ours
    found += [script.name for script in ours if "http" in script.read_text(encoding="utf-8").replace("http-equiv", "")]
    assert found == []


def test_every_link_inside_the_site_resolves(pages, site):
    """Each link and each asset of a page is there, with the place on it that is named."""
    broken = []
    for file, page in pages.items():
        for url in (*page.links, *page.loads):
            if re.match(r"^[a-z]+:", url) or OUTSIDE.match(url):
                continue
            path, fragment = urldefrag(url)
            target = (file.parent / unquote(path.partition("?")[0])).resolve() if path else file
            if file.name == "404.html":
                target = site / path.lstrip("/") if path else file
            if target.is_dir():
                target /= "index.html"
            missing = not target.exists()
            if not missing and fragment and target in pages and not fragment.startswith("__"):
                missing = unquote(fragment) not in pages[target].ids
            if missing:
                broken.append(f"{file.relative_to(site)}: {url}")
    assert broken == []


def test_every_page_is_found_from_the_menu():
    """A Markdown file under docs stands in the menu of mkdocs.yml; who adds one adds its line there."""
    listed = set()

    def collect(part):
        if isinstance(part, str):
            listed.add(part)
        elif isinstance(part, dict):
            collect(list(part.values()))
        else:
            for inner in part:
                collect(inner)

    collect(yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"])
    there = {str(file.relative_to(DOCS)) for file in DOCS.rglob("*.md")}
    assert there - listed == set(), "add these to nav in mkdocs.yml"
    assert listed - there == set(), "these stand in nav in mkdocs.yml and do not exist"


def test_the_search_has_its_index_beside_it(site):
    """The search reads a script and not a request, so that it works from a file as well."""
    index = (site / "search" / "search_index.js").read_text(encoding="utf-8")
    assert index.startswith("var __index = ")
    assert "parked" in index
