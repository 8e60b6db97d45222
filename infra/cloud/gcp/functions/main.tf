# What infra/knative says of the functions, in Terraform's words. It needs no provider, so it can be tried by itself:
#   terraform -chdir=infra/cloud/gcp/functions console
locals {
  folder = "${path.module}/../../../knative"
  services = {
    for file in fileset(local.folder, "*.yaml") :
    trimsuffix(file, ".yaml") => yamldecode(file("${local.folder}/${file}")).spec.template
    if file != "kustomization.yaml"
  }
  sources = {
    for text in split("\n---\n", file("${local.folder}/eventing/overdue.yaml")) :
    yamldecode(text).spec.sink.ref.name => yamldecode(text).spec
  }
  scale = "autoscaling.knative.dev"

  functions = {
    for name, template in local.services : name => {
      image       = template.spec.containers[0].image
      port        = template.spec.containers[0].ports[0].containerPort
      grpc        = template.spec.containers[0].ports[0].name == "h2c"
      environment = { for each in try(template.spec.containers[0].env, []) : each.name => each.value }
      memory      = template.spec.containers[0].resources.limits.memory
      timeout     = template.spec.timeoutSeconds
      least       = tonumber(template.metadata.annotations["${local.scale}/min-scale"])
      most        = tonumber(template.metadata.annotations["${local.scale}/max-scale"])
      # Cloud Run knows limits alone, no targets: ten calls for each that is meant leave room for those who ask how a
      # long one goes on; 80 is what it gives itself.
      calls = try(10 * tonumber(template.metadata.annotations["${local.scale}/target"]), 80)
    }
  }
  schedules = {
    for name, source in local.sources : name => { schedule = source.schedule, path = source.sink.uri }
  }
}

output "functions" {
  description = "Each function, by its name."
  value       = local.functions
}

output "schedules" {
  description = "When functions look for lost steps, and at which path."
  value       = local.schedules
}
