curl --request POST \
  --url https://api.qovery.com/organization/{organizationId}/webhook \
  --header 'Authorization: Bearer <token>' \
  --header 'Content-Type: application/json' \
  --data '
{
  "kind": "STANDARD",
  "target_url": "<string>",
  "events": [
    "DEPLOYMENT_STARTED"
  ],
  "target_secret": "<string>",
  "description": "<string>",
  "enabled": true,
  "project_names_filter": [
    "<string>"
  ],
  "environment_types_filter": [
    "PRODUCTION"
  ]
}
'
