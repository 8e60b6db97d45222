"""A project of Google Cloud as it is after infra/cloud/gcp was applied: what its APIs answer."""

from typing import Any

from infra.local.cloud.services import NEEDED
from infra.local.settings import ROOT
from infra.local.targets import described

NAME, NUMBER, REGION, BUCKET = "a-project", "123456789012", "europe-west1", "a-project-mayfly"
FUNCTIONS = f"mayfly-functions@{NAME}.iam.gserviceaccount.com"
WEB = f"mayfly-web@{NAME}.iam.gserviceaccount.com"
AT = "2026-11-28T10:00:00.000000Z"
Things = dict[str, dict[str, Any]]


def bound(role: str, *members: str) -> dict[str, Any]:
    """Return a policy with one binding."""
    return {
        "version": 1,
        "etag": "BwYAAAAA",
        "bindings": [{"role": role, "members": list(members)}],
    }


def things() -> Things:
    """Return everything, anew for each caller."""
    account = f"serviceAccount:{FUNCTIONS}"
    home, place = f"projects/{NAME}", f"projects/{NAME}/locations/{REGION}"
    found: Things = {
        f"cloudresourcemanager/v3/{home}": {
            "name": f"projects/{NUMBER}",
            "projectId": NAME,
            "displayName": "A project",
            "state": "ACTIVE",
            "createTime": AT,
        },
        f"cloudresourcemanager/v3/{home}:getIamPolicy": bound("roles/datastore.user", account),
        f"serviceusage/v1/{home}/services:batchGet": {
            "services": [_on(name) for name in (*NEEDED, "compute")]
        },
        f"serviceusage/v1beta1/{home}/services/run.googleapis.com/consumerQuotaMetrics": {
            "metrics": [_quota("cpu_allocation", 200_000), _quota("memory_allocation", 400 << 30)]
        },
        f"storage/storage/v1/b/{BUCKET}": _bucket(),
        f"storage/storage/v1/b/{BUCKET}/iam": {
            "kind": "storage#policy",
            **bound("roles/storage.objectUser", account),
        },
        **_documents(home),
        f"pubsub/v1/{home}/topics/mayfly-steps": {"name": f"{home}/topics/mayfly-steps"},
        f"pubsub/v1/{home}/topics/mayfly-steps:getIamPolicy": bound(
            "roles/pubsub.publisher", account
        ),
    }
    for email in (FUNCTIONS, WEB):
        path = f"iam/v1/{home}/serviceAccounts/{email}"
        found[path] = {"name": f"{home}/serviceAccounts/{email}", "email": email}
        found[f"{path}/keys"] = {}
    for name, reader in (
        ("mayfly-step-secret", FUNCTIONS),
        ("mayfly-first-key", FUNCTIONS),
        ("mayfly-web-secret", WEB),
    ):
        path, own = f"secretmanager/v1/{home}/secrets/{name}", f"projects/{NUMBER}/secrets/{name}"
        found[path] = {"name": own, "replication": {"automatic": {}}, "createTime": AT}
        version = {"name": f"{own}/versions/1", "createTime": AT, "state": "ENABLED"}
        found[f"{path}/versions/latest"] = version
        found[f"{path}:getIamPolicy"] = bound(
            "roles/secretmanager.secretAccessor", f"serviceAccount:{reader}"
        )
    for function in described.functions():
        name = function.name
        found[f"run/v2/{place}/services/{name}"] = _service(place, name, function.most)
        if function.steps:
            url = f"https://{name}-{NUMBER}.{REGION}.run.app"
            found[f"pubsub/v1/{home}/subscriptions/mayfly-steps-{name}"] = _pushed(home, name, url)
            job = f"{place}/jobs/mayfly-{name}-overdue"
            found[f"cloudscheduler/v1/{job}"] = _job(
                job, function.schedule, f"{url}{function.overdue}"
            )
    return found


def _on(name: str) -> dict[str, Any]:
    service = f"{name}.googleapis.com"
    return {
        "name": f"projects/{NUMBER}/services/{service}",
        "config": {"name": service},
        "parent": f"projects/{NUMBER}",
        "state": "ENABLED",
    }


def _quota(metric: str, granted: int) -> dict[str, Any]:
    bucket = {"effectiveLimit": str(granted), "defaultLimit": str(granted)}
    return {
        "metric": f"run.googleapis.com/{metric}",
        "displayName": metric,
        "consumerQuotaLimits": [
            {
                "metric": f"run.googleapis.com/{metric}",
                "unit": "1/{project}/{region}",
                "quotaBuckets": [
                    {"effectiveLimit": "-1"},
                    {**bucket, "dimensions": {"region": REGION}},
                ],
            }
        ],
    }


def _bucket() -> dict[str, Any]:
    return {
        "kind": "storage#bucket",
        "id": BUCKET,
        "name": BUCKET,
        "projectNumber": NUMBER,
        "location": "EUROPE-WEST1",
        "locationType": "region",
        "storageClass": "STANDARD",
        "softDeletePolicy": {"retentionDurationSeconds": "604800", "effectiveTime": AT},
        "iamConfiguration": {
            "publicAccessPrevention": "enforced",
            "uniformBucketLevelAccess": {"enabled": True, "lockedTime": AT},
        },
    }


def _documents(home: str) -> Things:
    database = f"firestore/v1/{home}/databases/(default)"
    release = f"firebaserules/v1/{home}/releases/cloud.firestore"
    groups = f"{home}/databases/(default)/collectionGroups"
    rules = (ROOT / "infra/cloud/gcp/firestore.rules").read_text()
    return {
        database: {
            "name": f"{home}/databases/(default)",
            "uid": "0",
            "createTime": AT,
            "locationId": "eur3",
            "type": "FIRESTORE_NATIVE",
            "databaseEdition": "STANDARD",
            "concurrencyMode": "PESSIMISTIC",
            "versionRetentionPeriod": "604800s",
            "pointInTimeRecoveryEnablement": "POINT_IN_TIME_RECOVERY_ENABLED",
            "deleteProtectionState": "DELETE_PROTECTION_ENABLED",
        },
        f"{database}/collectionGroups/-/indexes": {"indexes": []},
        f"{database}/collectionGroups/-/fields": {
            "fields": [
                {
                    "name": f"{groups}/__default__/fields/*",
                    "indexConfig": {
                        "indexes": [
                            {
                                "queryScope": "COLLECTION",
                                "fields": [{"fieldPath": "*", "order": "ASCENDING"}],
                                "state": "READY",
                            }
                        ]
                    },
                },
                {
                    "name": f"{groups}/records/fields/values",
                    "indexConfig": {
                        "indexes": [
                            {
                                "queryScope": "COLLECTION",
                                "fields": [{"fieldPath": "values", "order": "ASCENDING"}],
                                "state": "READY",
                            }
                        ]
                    },
                },
                {"name": f"{groups}/records/fields/version", "indexConfig": {}},
            ]
        },
        release: {
            "name": f"{home}/releases/cloud.firestore",
            "rulesetName": f"{home}/rulesets/1",
            "createTime": AT,
            "updateTime": AT,
        },
        f"firebaserules/v1/{home}/rulesets/1": {
            "name": f"{home}/rulesets/1",
            "source": {"files": [{"name": "firestore.rules", "content": rules}]},
            "createTime": AT,
        },
    }


def _service(place: str, name: str, most: int) -> dict[str, Any]:
    return {
        "name": f"{place}/services/{name}",
        "uri": f"https://{name}-{NUMBER}.{REGION}.run.app",
        "ingress": "INGRESS_TRAFFIC_ALL",
        "invokerIamDisabled": True,
        "template": {"serviceAccount": FUNCTIONS, "scaling": {"maxInstanceCount": most}},
        "terminalCondition": {"type": "Ready", "state": "CONDITION_SUCCEEDED"},
    }


def _pushed(home: str, name: str, url: str) -> dict[str, Any]:
    return {
        "name": f"{home}/subscriptions/mayfly-steps-{name}",
        "topic": f"{home}/topics/mayfly-steps",
        "pushConfig": {"pushEndpoint": f"{url}/steps", "noWrapper": {"writeMetadata": True}},
        "ackDeadlineSeconds": 600,
        "messageRetentionDuration": "3600s",
        "expirationPolicy": {},
        "filter": f'attributes."ce-function" = "{name}"',
        "retryPolicy": {"minimumBackoff": "2s", "maximumBackoff": "60s"},
        "state": "ACTIVE",
    }


def _job(job: str, schedule: str, url: str) -> dict[str, Any]:
    return {
        "name": job,
        "httpTarget": {"uri": url, "httpMethod": "POST"},
        "schedule": schedule,
        "timeZone": "Etc/UTC",
        "state": "ENABLED",
        "attemptDeadline": "60s",
        "lastAttemptTime": AT,
        "status": {},
    }
