"""Verifies deliveries as a receiver in Python does: a JSON line each in, `ok` or why not out.

Runs with the Python in whose environment the official library is installed.
"""

import base64
import json
import sys

from standardwebhooks import Webhook, WebhookVerificationError


def verdict(line):
    case = json.loads(line)
    body = base64.b64decode(case["body_base64"])
    try:
        Webhook(case["secret"]).verify(body, case["headers"])
    except (WebhookVerificationError, ValueError) as error:
        return str(error)
    return "ok"


for line in sys.stdin:
    print(verdict(line))
