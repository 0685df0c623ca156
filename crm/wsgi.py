"""The web server's way in. It refuses to start where the system checks find something unsafe."""

import os
import sys

from django.core import checks
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

application = get_wsgi_application()

if unsafe := [problem for problem in checks.run_checks(tags=["rapport"]) if problem.is_serious()]:
    sys.exit("\n".join(f"{problem.id}: {problem.msg} {problem.hint or ''}" for problem in unsafe))
