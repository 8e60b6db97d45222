# Steps: hints as messages, which come to their function as CloudEvents (functions/kit/adapters/steps/pubsub_queue.py).
# One that is lost costs time at most: what is due stands in Firestore, and schedules have it looked for.
resource "google_pubsub_topic" "steps" {
  name       = "mayfly-steps"
  depends_on = [google_project_service.used]
}

resource "google_pubsub_subscription" "steps" {
  for_each                   = local.schedules
  name                       = "mayfly-steps-${each.key}"
  topic                      = google_pubsub_topic.steps.id
  filter                     = "attributes.\"ce-function\" = \"${each.key}\""
  ack_deadline_seconds       = 600
  message_retention_duration = "3600s"
  push_config {
    push_endpoint = "${local.url[each.key]}/steps"
    # The message's data as the body, its attributes as fields: a CloudEvent in binary mode.
    no_wrapper {
      write_metadata = true
    }
  }
  retry_policy {
    minimum_backoff = "2s"
    maximum_backoff = "60s"
  }
  expiration_policy {
    ttl = ""
  }
}

resource "google_cloud_scheduler_job" "overdue" {
  for_each         = local.schedules
  name             = "mayfly-${each.key}-overdue"
  schedule         = each.value.schedule
  attempt_deadline = "60s"
  http_target {
    http_method = "POST"
    uri         = "${local.url[each.key]}${each.value.path}"
  }
  depends_on = [google_project_service.used]
}
