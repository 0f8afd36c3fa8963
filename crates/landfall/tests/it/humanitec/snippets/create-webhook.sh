curl "https://api.humanitec.io/orgs/${HUMANITEC_ORG}/apps/${HUMANITEC_APP}/webhooks" \
-X POST \
-H "Authorization: Bearer ${HUMANITEC_TOKEN}" \
-H "Content-Type: application/json" \
-d '{
"headers": {},
"id": "'${ID}'",
"payload": {
"application": "${app_id}",
"environment": "${env_id}",
"deployment": "${deploy_id}",
"status": "${status}"
},
"triggers": [
{
"scope": "'${SCOPE}'",
"type": "'${TYPE}'"
}
],
"url": "'${URL}'"
}'
