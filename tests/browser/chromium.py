"""Find a Chromium for the browser tests, or bring one: run as a module by “make test” before the suite.

In this order: CHROMIUM (a path), an installed Chromium or Chrome, Playwright's own download, the system's package
manager where this user may use it. What is left is a sentence that says what to install.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "headless_shell")
MAC_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
INSTALLERS = (  # program, steps, package by system
    (
        "apt-get",
        (("apt-get", "update", "-qq"), ("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium")),
    ),
    ("dnf", (("dnf", "install", "-y", "-q", "chromium"),)),
    ("apk", (("apk", "add", "-q", "chromium"),)),
    ("pacman", (("pacman", "-Sy", "--noconfirm", "chromium"),)),
)
ADVICE = (
    "The browser tests need Chromium, and none could be brought here. Install the package “chromium” with your system's "
    "package manager (on Debian: sudo apt-get install chromium), or set CHROMIUM to the path of a Chromium or Chrome."
)


def find() -> str | None:
    """Return the path of a Chromium that starts, or None."""
    for candidate in _candidates():
        if candidate and _starts(candidate):
            return candidate
    return None


def bring() -> str | None:
    """Find a Chromium, else download or install one; return its path, or None when nothing worked."""
    return find() or _download() or _install()


def _candidates() -> list[str | None]:
    return [os.environ.get("CHROMIUM"), *map(shutil.which, NAMES), *MAC_APPS, *_downloaded()]


def _downloaded() -> list[str]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return [playwright.chromium.executable_path]


def _starts(path: str) -> bool:
    if not Path(path).exists():
        return False
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _download() -> str | None:
    print("No Chromium is installed. Trying Playwright's own download ...", flush=True)
    for shell in ([], ["--with-deps"]) if os.geteuid() == 0 else ([],):
        try:
            subprocess.run(
                [sys.executable, "-m", "playwright", "install", *shell, "chromium"],
                capture_output=True, timeout=300, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return None
        if path := find():
            return path
    return None


def _install() -> str | None:
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and not shutil.which("sudo"):
        return None
    for program, steps in INSTALLERS:
        if shutil.which(program):
            print(f"Installing Chromium with {program} ...", flush=True)
            for step in steps:
                if subprocess.run([*sudo, *step], capture_output=True, check=False).returncode:
                    return None
            return find()
    return None


if __name__ == "__main__":
    found = bring()
    if not found:
        sys.exit(ADVICE)
    print(f"Browser tests use {found}")
