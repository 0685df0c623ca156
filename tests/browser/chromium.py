"""Find a Chromium for the browser tests, or bring one: run as a module by “make test” before the suite.

In this order: CHROMIUM (a path), an installed Chromium or Chrome, Playwright's own download, the system's package
manager, and where this user may not install anything, Debian's packages unpacked into ``var/chromium``. What is left is a
sentence that says what to install.

A shell without windows (on Debian the package “chromium-headless-shell”) is taken before a whole Chromium: the same
pages take it half the processor's time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SHELLS = ("chromium-headless-shell", "chrome-headless-shell", "headless_shell")
NAMES = (*SHELLS, "chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
MAC_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
APT_INSTALL = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")
INSTALLERS = (  # program, steps; the first whose steps all succeed is enough
    ("apt-get", (("apt-get", "update", "-qq"), (*APT_INSTALL, "chromium-headless-shell"))),
    ("apt-get", ((*APT_INSTALL, "chromium"),)),
    ("dnf", (("dnf", "install", "-y", "-q", "chromium"),)),
    ("apk", (("apk", "add", "-q", "chromium"),)),
    ("pacman", (("pacman", "-Sy", "--noconfirm", "chromium"),)),
)
UNPACKED = Path(__file__).resolve().parents[2] / "var" / "chromium"
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
    return find() or _download() or _install() or _unpack()


def _candidates() -> Iterator[str | None]:
    yield os.environ.get("CHROMIUM")
    yield from map(shutil.which, NAMES)
    yield from (*MAC_APPS, str(UNPACKED / "chromium"))
    yield from _downloaded()


def _downloaded() -> Iterator[str]:
    """Playwright keeps its shell in a folder beside the whole browser's."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        whole = Path(playwright.chromium.executable_path)
    yield from map(str, whole.parents[2].glob("chromium_headless_shell-*/*/*headless?shell"))
    yield str(whole)


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
            if all(subprocess.run([*sudo, *step], capture_output=True, check=False).returncode == 0 for step in steps):
                return find()
    return None


def _unpack() -> str | None:
    """Let apt find and fetch the packages into a folder of ours, and unpack them there: no root is needed for that."""
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        return None
    print(f"Fetching Chromium from the system's packages into {UNPACKED} ...", flush=True)
    state, cache, root = UNPACKED / "state", UNPACKED / "cache", UNPACKED / "root"
    for folder in (state / "lists" / "partial", cache / "archives" / "partial", root):
        folder.mkdir(parents=True, exist_ok=True)
    apt = [
        "apt-get", "-qq", "-y", "-o", f"Dir::State={state}", "-o", f"Dir::Cache={cache}",
        "-o", "Dir::State::status=/var/lib/dpkg/status", "-o", "Debug::NoLocking=true",
    ]  # fmt: skip
    packages = ["--no-install-recommends", "--download-only", "install", "chromium", "fonts-dejavu-core"]
    if any(
        subprocess.run([*apt, *step], capture_output=True, check=False).returncode for step in (["update"], packages)
    ):
        return None
    for package in (cache / "archives").glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, root], check=True)
    shutil.rmtree(cache)
    _write_launcher(root)
    return find()


def _write_launcher(root: Path) -> None:
    """A script that starts the unpacked Chromium with the libraries and fonts unpacked beside it."""
    launcher = UNPACKED / "chromium"
    libraries = ":".join(str(folder) for folder in [*(root / "usr" / "lib").glob("*-linux-gnu*"), root / "usr" / "lib"])
    launcher.write_text(
        f'#!/bin/sh\nexport LD_LIBRARY_PATH="{libraries}:$LD_LIBRARY_PATH"\n'
        f'exec "{root}/usr/lib/chromium/chromium" "$@"\n'
    )
    launcher.chmod(0o755)


if __name__ == "__main__":
    found = bring()
    if not found:
        sys.exit(ADVICE)
    print(f"Browser tests use {found}")
    if Path(found).name in NAMES and Path(found).name not in SHELLS and shutil.which("apt-get"):
        print("With the package “chromium-headless-shell” they would take half the processor's time.")
