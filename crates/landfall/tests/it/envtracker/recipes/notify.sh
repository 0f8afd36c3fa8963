TIMESTAMP=$(date +%s)
SIGNATURE=$(echo -n "${TIMESTAMP}.${PAYLOAD}" | openssl dgst -sha256 -hmac "${WEBHOOK_SECRET}" | sed 's/^.* //')

curl -sS -X PUT "https://acme.envtracker.io/webhook/notify" \
  -H "Content-Type: application/json" \
  -H "X-Webhook-Key-Id: ${WEBHOOK_KEY_ID}" \
  -H "X-Webhook-Timestamp: ${TIMESTAMP}" \
  -H "X-Webhook-Signature: ${SIGNATURE}" \
  -d "${PAYLOAD}"
