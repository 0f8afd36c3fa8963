curl -X POST https://api.versioner.io/deployment-events/ \
  -H "Authorization: Bearer $VERSIONER_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "product_name": "my-service",
    "version": "1.2.3",
    "environment_name": "production",
    "status": "success",
    "deployed_by": "john.doe",
    "scm_branch": "main",
    "scm_sha": "abc123def456",
    "scm_repository": "github.com/mycompany/my-service",
    "build_url": "https://github.com/mycompany/my-service/actions/runs/123",
    "build_number": "456",
    "source_system": "github",
    "extra_metadata": {
      "deployment_duration_seconds": 120,
      "deployment_method": "terraform"
    }
  }'
