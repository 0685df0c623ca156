"""The screens that people look at, as Chromium's debugger is told of them."""

from __future__ import annotations

DESK = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
