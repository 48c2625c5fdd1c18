"""A browser without a window, for pages that are opened from a file. What is missing leaves the whole group out, and is named."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.browsing import FLAGS, Browser
from support.cli import Clock, copy_fix7
from support.isolation import isolate


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clock:
    """A clock that stands still, and a home of its own."""
    return isolate(monkeypatch, tmp_path)


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium, started once, with a profile that is new and empty."""
    missing = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed")
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    options = ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = Chrome(options=options, service=ChromeService(str(shutil.which("chromedriver"))))
    try:
        yield started
    finally:
        started.quit()


@pytest.fixture
def browser(driver: Any) -> Browser:
    """The browser, as wide as a desk, by daylight."""
    found = Browser(driver)
    found.sized(1200)
    found.lit("light")
    return found


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """The page of the programme of this repository."""
    programme = copy_fix7(tmp_path / "fix7")
    programme.does("export", "html", "--out", str(tmp_path / "page.html"))
    return tmp_path / "page.html"
