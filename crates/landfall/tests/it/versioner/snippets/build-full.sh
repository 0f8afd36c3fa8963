curl -X POST https://api.versioner.io/build-events/ \
  -H "Authorization: Bearer $VERSIONER_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "product_name": "my-service",
    "version": "1.2.3",
    "status": "completed",
    "built_by": "github-actions",
    "scm_branch": "main",
    "scm_sha": "abc123def456",
    "scm_repository": "github.com/mycompany/my-service",
    "build_url": "https://github.com/mycompany/my-service/actions/runs/123",
    "build_number": "456",
    "source_system": "github",
    "extra_metadata": {
      "build_duration_seconds": 180,
      "docker_image": "mycompany/my-service:1.2.3",
      "test_coverage": "85%"
    }
  }'

