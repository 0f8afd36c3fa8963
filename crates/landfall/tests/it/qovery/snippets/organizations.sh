curl https://console.qovery.com/organization -H "Authorization: Bearer $qovery_token"
