"""What the account answers when it is asked how it is set up; a test changes any of it."""

from __future__ import annotations


def healthy(domain: str, public_key: str) -> dict[str, object]:
    """The answers of an account that is fit to send for this domain, by path."""
    dns = {"type": "cname", "host": f"s1._domainkey.{domain}", "data": "s1.domainkey.u1.example.net", "valid": True}
    return {
        "/v3/scopes": {"scopes": ["mail.send", "user.webhooks.event.settings.read", "whitelabel.read"]},
        "/v3/whitelabel/domains": [
            {
                "id": 1,
                "domain": domain,
                "subdomain": "em",
                "username": "practice",
                "valid": True,
                "default": True,
                "legacy": False,
                "automatic_security": True,
                "dns": {"mail_cname": {**dns, "host": f"em.{domain}"}, "dkim1": dns, "dkim2": dns},
            }
        ],
        "/v3/verified_senders": {
            "results": [{"id": 1, "nickname": "Practice", "from_email": f"hello@{domain}", "verified": True}]
        },
        "/v3/user/webhooks/event/settings/all": {
            "max_allowed": 5,
            "webhooks": [
                {
                    "id": "4e9a2b6c-fake",
                    "friendly_name": "Rapport",
                    "enabled": True,
                    "url": "http://localhost:8000/mail/events/",
                    "public_key": public_key,
                    **dict.fromkeys(
                        (
                            "processed", "delivered", "deferred", "bounce", "dropped", "spam_report", "unsubscribe",
                            "group_unsubscribe", "group_resubscribe",
                        ),
                        True,
                    ),
                    "open": False,
                    "click": False,
                }
            ],
        },
        "/v3/user/webhooks/parse/settings": {
            "result": [
                {
                    "url": "http://localhost:8000/mail/inbound/",
                    "hostname": f"in.{domain}",
                    "spam_check": False,
                    "send_raw": True,
                }
            ]
        },
    }  # fmt: skip
