curl -X POST https://api.versioner.io/build-events/ \
  -H "Authorization: Bearer $VERSIONER_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "product_name": "my-service",
    "version": "1.2.3",
    "status": "failed",
    "extra_metadata": {
      "error": "Compilation failed",
      "exit_code": 1
    }
  }'
