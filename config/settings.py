"""Settings; everything that differs between machines is read from the environment.

Embedded by default (SQLite, files on disk, Celery over the filesystem); `DATABASE_URL`, `REDIS_URL` and
`S3_BUCKET` scale it out. `docs/operations.md` lists every variable.
"""

from datetime import timedelta
from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import broker, env, static_headers
from core.urgency import DESTRUCTION_QUEUE
from imaging.engine.limits import MAX_FILE_BYTES

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.path("RETE_DATA", BASE_DIR / "var")

DEBUG = env.boolean("RETE_DEBUG", False)
# Embedded: one machine, loopback, plain HTTP. Production runs behind TLS and requires secrets from the operator.
EMBEDDED = env.boolean("RETE_EMBEDDED", True)
if DEBUG and not EMBEDDED:
    raise env.BadSetting("RETE_DEBUG shows data to whoever meets a fault. Leave it unset.")
SECRET_KEY = env.text("RETE_SECRET_KEY")
# Keys that are still believed and sign nothing: in a rotation, the next one, then the former.
SECRET_KEY_FALLBACKS = env.strings("RETE_SECRET_KEY_BESIDE")
SECRET_KEY_FILE = SECRET_KEY_BESIDE_FILE = None
if not SECRET_KEY:
    if not EMBEDDED:
        raise env.BadSetting("RETE_SECRET_KEY is not set. Put 50 random characters in a file: RETE_SECRET_KEY_FILE.")
    from core.crypto.secrets import read_or_create

    SECRET_KEY_FILE, SECRET_KEY_BESIDE_FILE = (DATA_DIR / "secrets" / name for name in ("secret_key", "key_beside"))
    SECRET_KEY = read_or_create(SECRET_KEY_FILE)
    if SECRET_KEY_BESIDE_FILE.exists():
        SECRET_KEY_FALLBACKS.append(SECRET_KEY_BESIDE_FILE.read_text(encoding="ascii").strip())
# 32 bytes, base64; wraps the data keys. Never stored in a database.
MASTER_KEY = env.text("RETE_MASTER_KEY")
MASTER_KEYS_BESIDE = env.strings("RETE_MASTER_KEY_BESIDE")  # open what they wrapped, and wrap nothing
MASTER_KEY_FILE = MASTER_KEYS_BESIDE_FILE = None
if not MASTER_KEY:
    if not EMBEDDED:
        raise env.BadSetting(
            "RETE_MASTER_KEY is not set. Make one with `openssl rand -base64 32`: RETE_MASTER_KEY_FILE."
        )
    from core.crypto.secrets import read_or_create

    MASTER_KEY_FILE, MASTER_KEYS_BESIDE_FILE = (DATA_DIR / "secrets" / name for name in ("master_key", "keys_beside"))
    MASTER_KEY = read_or_create(MASTER_KEY_FILE)

SITE_NAME = env.text("RETE_SITE_NAME", "Rete")
SITE_ADDRESS = env.web_address("RETE_SITE_ADDRESS", "http://127.0.0.1:8000")
# The people to whom a suspended member writes. They cannot sign in, so that no page of the site reaches them.
APPEALS_ADDRESS = env.text("RETE_APPEALS_ADDRESS")
if "@" not in APPEALS_ADDRESS and not EMBEDDED:
    raise env.BadSetting("RETE_APPEALS_ADDRESS is not set. Name the mailbox to which suspended members can write.")
ALLOWED_HOSTS = env.strings("RETE_HOSTS", ("127.0.0.1", "localhost", "[::1]"))
CSRF_TRUSTED_ORIGINS = env.strings("RETE_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "core",
    "audit",
    "accounts",
    "consent",
    "imaging",
    "notifications",
    "consults",
    "compliance",
    "demo",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_countries",
    "django_htmx",
    "storages",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.access_lines.AccessLinesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "core.middleware.private_responses.PrivateResponsesMiddleware",
    "core.middleware.storage_unavailable.StorageUnavailableMiddleware",
    "core.middleware.counts_unavailable.CountsUnavailableMiddleware",
    "consults.cases.media_path.PicturePathMiddleware",
    "accounts.middleware.SessionsMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "core.middleware.method_not_allowed.MethodNotAllowedMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "core.middleware.text_limit.TextLimitMiddleware",
    "accounts.middleware.SessionMemberMiddleware",
    "core.middleware.body_limit.BodyLimitMiddleware",
    "consults.cases.consenting.handover.middleware.HandoverMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.VerifiedMembersMiddleware",
    "accounts.security.factors.middleware.FactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "core.middleware.arrived_input.ArrivedInputMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "config.forms.Renderer"
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
                "csp.context_processors.nonce",
                "config.context.site",
            ],
            "builtins": ["config.tags"],
        },
    },
]

# --- Databases: the data keys have their own alias, so that a restored backup of the rest cannot restore
# --- withdrawn content.


def _database(name: str, default: Path) -> dict[str, object]:
    config = env.database(name, f"sqlite:///{default}")
    options: dict[str, object] = config.setdefault("OPTIONS", {})
    if config["ENGINE"].endswith("sqlite3"):
        options |= {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # secure_delete overwrites freed pages: a destroyed key or caption must not linger in the file.
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;PRAGMA secure_delete=ON;"
            ),
        }
    else:
        options["pool"] = True
        # Requests are short and many, and today's disks read anywhere equally fast. By its defaults Postgres compiles
        # such a question for 200 ms, starts a process for it for 40, or reads a whole table for 500 rows. What an
        # address says of this comes later and counts.
        short = "-c jit=off -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1"
        options["options"] = f"{short} {options.get('options', '')}".strip()
    return config


DATABASES = {
    "default": _database("DATABASE_URL", DATA_DIR / "rete.sqlite3"),
    "keys": _database("KEYS_DATABASE_URL", DATA_DIR / "keys.sqlite3"),
}
DATABASE_ROUTERS = ["core.routers.KeysRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Members and sessions
AUTH_USER_MODEL = "accounts.Member"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.security.passwords.LengthValidator"},
    {"NAME": "accounts.security.passwords.KnownValidator"},
    {"NAME": "accounts.security.passwords.GuessableValidator"},
]
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=1).total_seconds())
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.security.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"signup": "5/m/ip,30/h/ip", "lost_factors": "5/m/ip,20/h/ip"}
# Behind a proxy every visitor would otherwise share one limit.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.boolean("RETE_BEHIND_PROXY", False) else 0
SESSION_COOKIE_AGE = int(timedelta(hours=1).total_seconds())  # idle; the absolute limit is in accounts.middleware
SESSION_ENGINE = "accounts.security.session_store"  # renewed by accounts.middleware, once a minute at most
SESSION_ABSOLUTE_HOURS = 12

# --- ORCID (docs/profiles.md): off without an id. Confirms a member's iD, which then signs in like the password.
ORCID_CLIENT_ID = env.text("ORCID_CLIENT_ID")
ORCID_CLIENT_SECRET = env.text("ORCID_CLIENT_SECRET")
ORCID_BASE_URL = env.web_address("ORCID_BASE_URL", "https://orcid.org").rstrip("/")
if ORCID_CLIENT_ID and not ORCID_CLIENT_SECRET:
    raise env.BadSetting("ORCID_CLIENT_ID is set and ORCID_CLIENT_SECRET is not. Set both, or neither.")
if ORCID_CLIENT_ID and not EMBEDDED and not ORCID_BASE_URL.startswith("https://"):
    raise env.BadSetting("ORCID_BASE_URL must begin with https://.")
# --- Second factors
MFA_ADAPTER = "accounts.security.factors.mfa_adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a passkey counts as both factors
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = EMBEDDED  # http://localhost, which browsers treat as secure
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are confirmed by accounts.vetting, not by allauth
# The demo community signs in with printed passwords and no factor, on one machine only. ".example" is reserved: nobody
# receives mail there.
DEMO_DOMAIN = env.text("RETE_DEMO_DOMAIN", "rete.example")

# --- Browser-side defences
SECURE = not EMBEDDED
SESSION_COOKIE_NAME = "__Host-rete_session" if SECURE else "rete_session"
CSRF_COOKIE_NAME = "__Host-rete_csrf" if SECURE else "rete_csrf"
DEVICE_COOKIE_NAME = "__Host-rete_device" if SECURE else "rete_device"
LANGUAGE_COOKIE_NAME = "__Host-rete_language" if SECURE else "rete_language"
ARRIVED_COOKIE_NAME = "__Host-rete_arrived" if SECURE else "rete_arrived"
MESSAGES_COOKIE_NAME = "__Host-rete_messages" if SECURE else "rete_messages"
MESSAGE_STORAGE = "config.messages.Storage"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.boolean("RETE_BEHIND_PROXY", False) else None
# "no-referrer" makes browsers send "Origin: null" with our own forms, which the CSRF check refuses; this sends
# other sites nothing either.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "worker-src": [SELF],  # of push (notifications.push)
        "connect-src": [SELF],
        # The button that leads to ORCID is a form of ours, and browsers apply this to where it is led.
        "form-action": [SELF, *([ORCID_BASE_URL] if ORCID_CLIENT_ID else [])],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        # Two ways in which text becomes HTML: static/core/trusted_types.js and fragment.js.
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["default", "rete"],
    },
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("accelerometer", "camera", "geolocation", "gyroscope", "microphone", "payment", "usb")
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "incoming"
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "core.incoming.EncryptedUploadHandler",  # never a plaintext on disk
]
UPLOAD_MAX_BYTES = MAX_FILE_BYTES
# Whole requests: strangers send one picture with an application, members without JavaScript all pictures of a case.
BODY_MAX_BYTES = UPLOAD_MAX_BYTES + DATA_UPLOAD_MAX_MEMORY_SIZE
BODY_MAX_BYTES_SIGNED_IN = 20 * UPLOAD_MAX_BYTES + DATA_UPLOAD_MAX_MEMORY_SIZE

ACCESS_LINES_DIR = env.path("RETE_ACCESS_LINES", DATA_DIR / "access")
# Signed heads of the log, one per line, to be copied to where the database's owner cannot write.
LOG_HEADS_FILE = env.path("RETE_LOG_HEADS", DATA_DIR / "log_heads.jsonl")

# --- Bytes
S3_BUCKET = env.text("S3_BUCKET")


def _private(name: str) -> dict[str, object]:
    if S3_BUCKET:
        options = {
            "bucket_name": S3_BUCKET,
            "location": name,
            "endpoint_url": env.web_address("S3_ENDPOINT") or None,
            "access_key": env.text("S3_ACCESS_KEY"),
            "secret_key": env.text("S3_SECRET_KEY"),
            "default_acl": None,
            "querystring_auth": True,
            "file_overwrite": True,
        }
        return {"BACKEND": "core.storage.s3.PrivateS3Storage", "OPTIONS": options}
    return {"BACKEND": "core.storage.PrivateFileStorage", "OPTIONS": {"location": DATA_DIR / "objects" / name}}


STORAGES = {
    "default": {"BACKEND": "core.storage.RefusingStorage"},
    "originals": _private("originals"),
    "renditions": _private("renditions"),
    "documents": _private("documents"),
    "evidence": _private("evidence"),
    "portraits": _private("portraits"),
    "staticfiles": {
        "BACKEND": ("django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "config.static.Storage")
    },
}
WHITENOISE_ADD_HEADERS_FUNCTION = static_headers.add
WHITENOISE_ALLOW_ALL_ORIGINS = False
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("bootstrap", NODE_MODULES / "bootstrap" / "dist"),
    ("konva", NODE_MODULES / "konva"),
    ("openseadragon", NODE_MODULES / "openseadragon" / "build" / "openseadragon"),
    ("signature_pad", NODE_MODULES / "signature_pad" / "dist"),
]
STATICFILES_FINDERS = ["config.static.FolderFinder", "config.static.AppFinder"]

# --- Jobs: the row is authoritative, the broker only wakes a worker
REDIS_URL = env.redis("REDIS_URL")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    # Messages expire, else they would pile up while the workers are down.
    "ring-for-waiting-jobs": {"task": "core.ring", "schedule": 5.0, "options": {"expires": 5}},
    "rounds": {"task": "core.rounds", "schedule": 60.0, "options": {"expires": 60}},
    # The worker for destruction is rung apart: the other one may be busy for minutes.
    "ring-for-destruction": {
        "task": "core.ring_destruction",
        "schedule": 5.0,
        "options": {"expires": 5, "queue": DESTRUCTION_QUEUE},
    },
    "urgent-rounds": {
        "task": "core.urgent_rounds",
        "schedule": 60.0,
        "options": {"expires": 60, "queue": DESTRUCTION_QUEUE},
    },
}
# Counts of tries live in the database: exact, and there whether or not Redis is (core.counts).
CACHES = {"default": {"BACKEND": "core.database_cache.DatabaseCache"}}
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    # A broker that drops packets must not block the page that enqueues; the row waits in the database.
    # One that refuses connections must not either: Kombu would try for six seconds, whatever `retry` says.
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "socket_connect_timeout": 1,
        "socket_timeout": 2,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
    }
else:
    _queue = DATA_DIR / "queue"
    CELERY_BROKER_URL = f"{broker.NAME}://localhost/"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue / "messages"),
        "data_folder_out": str(_queue / "messages"),
        "control_folder": str(_queue / "control"),
        "polling_interval": 0.25,
    }

# --- Mail
EMAIL_BACKEND = env.choice(
    "RETE_MAIL",
    "django.core.mail.backends.filebased.EmailBackend",
    ("django.core.mail.backends.filebased.EmailBackend", "django.core.mail.backends.smtp.EmailBackend"),
)
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_HOST = env.text("SMTP_HOST", "localhost")
EMAIL_PORT = env.integer("SMTP_PORT", 25, least=1, most=65535)
EMAIL_HOST_USER = env.text("SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("SMTP_PASSWORD")
# A server that never answers must not hold a worker; a mail that fails is tried again, like any job.
EMAIL_TIMEOUT = env.integer("SMTP_TIMEOUT", 10, least=1, most=60)
EMAIL_USE_TLS = env.boolean("SMTP_TLS", False)
DEFAULT_FROM_EMAIL = env.text("RETE_MAIL_FROM", "rete@localhost")

# --- Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("tr", "Türkçe")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
# Uninhabited territories are removed; the others are names that the library has untranslated or outdated.
COUNTRIES_OVERRIDE = dict.fromkeys(("AQ", "BV", "GS", "HM", "TF", "UM")) | {
    "BS": _("Bahamas"),
    "CV": _("Cape Verde"),
    "NC": _("New Caledonia"),
    "SZ": _("Eswatini"),
    "VA": _("Vatican City"),
}

# --- Logs carry ids, never content, file names or people
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"no_content": {"()": "core.logs.RedactingFilter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["no_content"]}},
    "root": {
        "handlers": ["stderr"],
        "level": env.choice("RETE_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
    },
}

# --- Rules of the community
# Whether histology without any identifying feature may be shown without a consent (docs/adr/0012).
HISTOLOGY_EXEMPTION = env.boolean("RETE_HISTOLOGY_EXEMPTION", False)
# Similar cases are compared by the meaning of their words too, where the model is installed (docs/finding.md).
COMPARE_MEANINGS = env.boolean("RETE_COMPARE_MEANINGS", True)
RULES = {
    "probation_posts": 3,
    "original_hours": 72,
    "upload_hours": 12,
    "consensus_from": 3,
    # A light check every year, a full one by two moderators after three; an office ends unless two renew it.
    "membership_months": 12,
    "full_check_months": 36,
    "office_months": 24,
    "suspension_appeal_days": 30,
    "residents_a_supervisor": 10,
    # Content under an expired consent is hidden at once and destroyed after this many days.
    "expired_consent_days": 30,
    # A destruction that takes longer is resumed, and staff get a mail.
    "purge_minutes": 15,
    # Pictures a member may look at in an hour; ten thumbnails count as one.
    "views_an_hour": 500,
    # What one person alone may do in a day: a moderator whose session was stolen cannot open or close everything.
    "releases_a_day": 40,
    "suspensions_a_day": 5,
    "yearly_checks_a_day": 40,
    "holds_a_day": 20,
    # What one member may have waiting or ask for, so that nobody occupies the worker or the disk alone.
    "drafts": 20,
    "unsealed_bytes": 1024**3,
    "comments_an_hour": 60,
    "calls_a_day": 3,  # of a role or a group with "@"
    "people_looked_up_a_minute": 90,  # after "@"
    "pins_a_picture": 10,
    "previews_a_minute": 20,
    "terms_a_day": 5,  # diagnoses that the list lacks, proposed by one member
    # Marks of urgency of one author in 30 days, by level; cases that a volunteer of the rota is told of in a week.
    "urgent_today_a_month": 2,
    "urgent_week_a_month": 4,
    "rota_calls_a_week": 3,
    "portraits_an_hour": 10,
    "profile_lines": 40,  # of one kind: training, positions, publications
    "follows": 1000,
    "followed_cases": 500,
    "saved_searches": 20,
    "push_browsers": 10,
    # Groups: names that one member may try in a day, proposals in a month and at once, requests at once, invitations.
    "group_names_a_day": 10,
    "group_proposals_a_month": 5,
    "group_proposals_waiting": 2,
    "group_requests_waiting": 10,
    "group_invitations_a_day": 30,
    # After so many reports without any ground within a year, a member's reports no longer hide anything by themselves.
    "baseless_reports": 3,
    "concerns_a_day": 3,
    # In a group's room; messages are limited as comments are.
    "polls_a_day": 3,
    "announcements_a_day": 5,
    "albums_a_day": 5,
    # A poll shows figures from so many votes on.
    "poll_from": 3,
}
SILENCED_SYSTEM_CHECKS: list[str] = []
