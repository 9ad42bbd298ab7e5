"""Paths of the installed project."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "assets"
PAGES = ROOT / "pages"
