from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ContentConfig(AppConfig):
    name = "content"
    label = "content"
    verbose_name = "Website"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from content import setup

        post_migrate.connect(setup.after_migrate, sender=self, dispatch_uid="rapport.site")
