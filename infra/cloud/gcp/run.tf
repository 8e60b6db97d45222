# The functions, as infra/knative has them. Who calls is asked by each of them, by Mayfly's own keys and tokens, so
# nobody is asked for an identity of Google's.
resource "google_cloud_run_v2_service" "function" {
  for_each             = local.functions
  name                 = each.key
  location             = var.region
  ingress              = "INGRESS_TRAFFIC_ALL"
  invoker_iam_disabled = true
  deletion_protection  = false
  labels               = { part-of = "mayfly" }

  template {
    service_account                  = google_service_account.functions.email
    timeout                          = "${each.value.timeout}s"
    max_instance_request_concurrency = each.value.calls
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"
    scaling {
      min_instance_count = each.value.least
      max_instance_count = each.value.most
    }
    containers {
      image = "${var.registry}/${trimprefix(each.value.image, "mayfly/")}:${var.tag}"
      ports {
        name           = each.value.grpc ? "h2c" : "http1"
        container_port = each.value.port
      }
      resources {
        limits            = { cpu = "1", memory = each.value.memory }
        cpu_idle          = true
        startup_cpu_boost = true
      }
      dynamic "env" {
        for_each = merge(local.variables, each.value.environment)
        content {
          name  = env.key
          value = env.value
        }
      }
      dynamic "env" {
        for_each = local.secrets
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = env.value
              version = "latest"
            }
          }
        }
      }
      startup_probe {
        period_seconds    = 1
        failure_threshold = 60
        dynamic "grpc" {
          for_each = each.value.grpc ? [each.value.port] : []
          content {
            port = grpc.value
          }
        }
        dynamic "http_get" {
          for_each = each.value.grpc ? [] : [each.value.port]
          content {
            path = "/_/health"
            port = http_get.value
          }
        }
      }
    }
  }

  depends_on = [
    google_project_iam_member.documents,
    google_secret_manager_secret_iam_member.functions,
    google_secret_manager_secret_version.step_secret,
    google_secret_manager_secret_version.first_key,
  ]
}

resource "google_cloud_run_v2_service" "web" {
  name                 = "web"
  location             = var.region
  ingress              = "INGRESS_TRAFFIC_ALL"
  invoker_iam_disabled = true
  deletion_protection  = false
  labels               = { part-of = "mayfly" }

  template {
    service_account       = google_service_account.web.email
    timeout               = "3600s"
    execution_environment = "EXECUTION_ENVIRONMENT_GEN2"
    scaling {
      max_instance_count = 4
    }
    containers {
      image = "${var.registry}/web:${var.tag}"
      ports {
        container_port = 8000
      }
      resources {
        limits = { cpu = "1", memory = "1Gi" }
      }
      dynamic "env" {
        for_each = {
          MAYFLY_FUNCTION_URL = local.variables.MAYFLY_FUNCTION_URL
          MAYFLY_WEB_HOSTS    = "${split("/", var.web_url)[2]},web-${local.host}"
          MAYFLY_WEB_PROXIES  = "1"
        }
        content {
          name  = env.key
          value = env.value
        }
      }
      env {
        name = "MAYFLY_WEB_SECRET"
        value_source {
          secret_key_ref {
            secret  = google_secret_manager_secret.held["mayfly-web-secret"].secret_id
            version = "latest"
          }
        }
      }
    }
  }

  depends_on = [google_secret_manager_secret_iam_member.web, google_secret_manager_secret_version.web_secret]
}

output "function_url" {
  description = "For ./mayfly demo --function-url."
  value       = local.variables.MAYFLY_FUNCTION_URL
}

output "web_url" {
  description = "The pages, by Cloud Run's own name."
  value       = google_cloud_run_v2_service.web.uri
}
