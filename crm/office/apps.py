from django.apps import AppConfig
from django.db.models.signals import post_migrate


class OfficeConfig(AppConfig):
    name = "crm.office"
    label = "office"
    verbose_name = "Office"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from crm.office import checks, setup, sidebar

        self.checks = checks
        sidebar.install()
        post_migrate.connect(setup.after_migrate, sender=self, dispatch_uid="rapport.setup")
