"""The web server's way in. It refuses to start where the system checks find something unsafe."""

import gc
import os
import sys

from django.core import checks
from django.core.validators import URLValidator, validate_email
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

application = get_wsgi_application()

if unsafe := [problem for problem in checks.run_checks(tags=["rapport"]) if problem.is_serious()]:
    sys.exit("\n".join(f"{problem.id}: {problem.msg} {problem.hint or ''}" for problem in unsafe))

# A thread that comes back from the database waits for the one that runs, at most for so long. Whoever holds the lock of a
# busy workshop comes back a dozen times while everybody else waits for that lock.
sys.setswitchinterval(0.0005)

# Django writes these patterns when the first address is looked at, and each thread that comes meanwhile writes them once
# more. Of the first 600 registrations after a start that was a third of all work.
validate_email("somebody@example.com")
URLValidator()("https://example.com/")

# What the program is made of stays until its end. Searched for garbage with every page's own, it would now and then hold
# one page up for a quarter of a second.
list(get_resolver().url_patterns)  # brings every view along
gc.collect()
gc.freeze()
