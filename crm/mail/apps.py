from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "crm.mail"
    label = "mail"
    verbose_name = "Mail"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from crm.mail import checks

        self.checks = checks
