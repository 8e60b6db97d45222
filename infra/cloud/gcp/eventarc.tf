# Records that are pushed as CloudEvents (infra/knative/eventing/records.yaml): a bus that takes events of anybody with the
# role eventarc.messageBusUser, and brings those of one type to datasets. The event's data hold the API key that counts.
locals {
  records = yamldecode(file("${path.module}/../../knative/eventing/records.yaml")).spec
}

resource "google_eventarc_message_bus" "events" {
  location       = var.region
  message_bus_id = "mayfly"
  depends_on     = [google_project_service.used]
}

resource "google_eventarc_pipeline" "records" {
  location    = var.region
  pipeline_id = "mayfly-records"
  destinations {
    http_endpoint {
      uri = "${local.url[local.records.subscriber.ref.name]}${local.records.subscriber.uri}"
    }
  }
}

resource "google_eventarc_enrollment" "records" {
  location      = var.region
  enrollment_id = "mayfly-records"
  message_bus   = google_eventarc_message_bus.events.id
  destination   = google_eventarc_pipeline.records.id
  cel_match     = "message.type == '${local.records.filter.attributes.type}'"
}
