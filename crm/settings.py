"""Every setting, read from the environment. Without any, this is the demo practice on http://localhost:8000."""

from __future__ import annotations

import secrets
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env

from crm.office.postgres import EmbeddedPostgres

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.path("RAPPORT_DATA", BASE_DIR / "var").resolve()
PORT = env.int("PORT", 8000)
HOST = env.str("RAPPORT_HOST", "127.0.0.1")  # where to listen; 0.0.0.0 lets a phone in the same network in
BASE_URL = env.str("BASE_URL", f"http://localhost:{PORT}").rstrip("/")
HOST_NAME = urlsplit(BASE_URL).hostname or ""
IS_LOCAL = HOST_NAME in {"localhost", "127.0.0.1", "::1"} or HOST_NAME.endswith(".localhost")

# Secrets. In the demo, and only there, the key is made up once and kept in the data folder.
SECRET_KEY = env.str("SECRET_KEY", "")
IS_SECRET_MISSING = not SECRET_KEY and not IS_LOCAL
if not SECRET_KEY and IS_LOCAL:
    key_file = DATA_DIR / "secret_key"
    if not key_file.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        key_file.write_text(secrets.token_urlsafe(48))
        key_file.chmod(0o600)
    SECRET_KEY = key_file.read_text()
elif IS_SECRET_MISSING:
    SECRET_KEY = secrets.token_urlsafe(48)  # lets the system checks run, and those refuse to go on

DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS = [HOST_NAME, *(["localhost", "127.0.0.1", "[::1]", ".localhost"] if IS_LOCAL else [])]
CSRF_TRUSTED_ORIGINS = [BASE_URL]

IS_HTTPS = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail's preview panel is a frame
# Deployment checks we decided against: a frame of our own, and what the practice's other hosts do (HSTS).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W019", "security.W021"]

INSTALLED_APPS = [
    "crm.people",
    "crm.mail",
    "crm.care",
    "partners",
    "workshops",
    "content",
    "campaigns",
    "wagtail.contrib.settings",
    "wagtail.contrib.redirects",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_htmx",
    "django_q",
    "auditlog",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "crm.office",  # last: what it sets up after a migration needs everybody's permissions
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crm.mail.door.SideDoor",  # what machines post needs nothing of what follows
    "crm.office.middleware.ContentSecurityPolicy",
    "content.page_cache.PageCache",  # before everything that asks who is there
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "crm.people.middleware.PracticeTimeZone",
    "crm.people.middleware.ChangedBy",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    }
]

# The embedded PostgreSQL is the default; its address is known before it runs.
DATABASE = env.dj_db_url("DATABASE_URL", EmbeddedPostgres(DATA_DIR).url)
# What is asked all day is prepared, and nothing by itself: psycopg counts how often a question came. Behind a pooler that
# lends connections for a transaction nothing is, for the next may be one that never heard of it.
ONLY_WHEN_TOLD = 1_000_000_000
PREPARED = {"prepare_threshold": None if env.bool("DATABASE_POOLER", False) else ONLY_WHEN_TOLD}
DATABASES = {
    "default": {
        **DATABASE,
        "OPTIONS": {**DATABASE.get("OPTIONS", {}), **PREPARED},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
    # Which sizes a picture already has: asked a dozen times for each page, so not of the database.
    "renditions": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "renditions",
        "TIMEOUT": 600,
    },
    # Public pages as they were drawn last; each is found only while what it shows still stands.
    "pages": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "pages"},
    # Which letter to many was written already, for the next of those who get it.
    "letters": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "letters"},
}
PAGES_KEPT_SECONDS = 60

# The worker only ticks; what is due stands in the tables, so a tick may be lost, doubled or killed.
REDIS_URL = env.str("REDIS_URL", "")
Q_CLUSTER = {
    "name": "rapport",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
    "workers": 3,  # one may be watching the clock, the others send
    "timeout": 220,  # a tick watches for 75 seconds, then a drain may take 40 and its last answer 45
    "retry": 300,
    "max_attempts": 1,
    "ack_failures": True,
    "bulk": 1,
    "poll": 0.5,
    "guard_cycle": 1,
    "catch_up": False,
    "save_limit": 100,
    "label": "Worker",
}

# Sending. With neither SendGrid nor SMTP, mail is kept and shown in the office.
SENDGRID_API_KEY = env.str("SENDGRID_API_KEY", "")
SENDGRID_API_URL = env.str("SENDGRID_API_URL", "https://api.sendgrid.com").rstrip("/")
SMTP_URL = env.str("SMTP_URL", "")
# Who may post to /mail/events/ and /mail/inbound/: SendGrid's public keys; two, with a comma, while one replaces the other.
SENDGRID_WEBHOOK_KEY = env.str("SENDGRID_WEBHOOK_KEY", "")
SENDGRID_INBOUND_KEY = env.str("SENDGRID_INBOUND_KEY", "")
# Where mail that comes in is received; empty where it is not. Each of these is asked in turn whether it takes care of it.
INBOUND_HOST = env.str("INBOUND_HOST", "")
# Whether invites leave from the address that calendars answer to, at that host: only where it is fit to send, says the doctor.
INVITES_FROM_INBOUND = env.bool("INVITES_FROM_INBOUND", False)
INVITE_AS_FILE = env.bool("INVITE_AS_FILE", True)  # the invite once more, for mail programs that look at files only
MAIL_CLAIMANTS = [
    "workshops.replies.take_answer",  # first: calendars write answers by themselves, and a machine's mail is filed next
    "crm.mail.inbound.leave_machines_alone",
    "partners.mail_log.log_by_mail",
    "crm.mail.inbound.unsubscribe_by_mail",
    "crm.mail.inbound.reply_to_a_message",
]
# Who else keeps something of a person, and empties it when that person is to be forgotten.
FORGETTERS = ["content.erasing.forget_leads"]
# Letters to clients leave only under a signed agreement: the day it was signed, as 2026-01-31. They may have a mail
# server of their own.
CLIENT_MAIL_URL = env.str("CLIENT_MAIL_URL", "")
SENDGRID_BAA_SIGNED_ON = env.date("SENDGRID_BAA_SIGNED_ON", None)
CLIENT_MAIL_BAA_SIGNED_ON = env.date("CLIENT_MAIL_BAA_SIGNED_ON", None)
EMAIL_BACKEND = "crm.mail.backend.OutboxBackend"
# Which name server is asked, as 1.1.1.1 or 127.0.0.1:5353; without it, this machine's own.
DNS_SERVER = env.str("DNS_SERVER", "")
# Are the domains of addresses that people register with looked up? Not in the demo: example.com takes no mail.
ASK_MAIL_DOMAINS = env.bool("ASK_MAIL_DOMAINS", not IS_LOCAL)

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["crm.people.login.LoginBackend"]
SESSION_ENGINE = "crm.people.login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "wagtailadmin_login"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"  # instants are stored in UTC and shown in the practice's own zone
USE_TZ = True
FORMAT_MODULE_PATH = ["crm.formats"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

WAGTAIL_SITE_NAME = "Rapport"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
# One language, and the practice's own time zone: nothing to choose in the account.
WAGTAILADMIN_PERMITTED_LANGUAGES = [("en", "English")]
WAGTAIL_USER_TIME_ZONES = ["UTC"]
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]  # no svg: it may hold a script
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "txt"]
WAGTAILEMBEDS_FINDERS: list[dict] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"knocks": {"()": "crm.mail.door.Knocks"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django-q": {"level": "WARNING"}, "django.request": {"filters": ["knocks"]}},
}
