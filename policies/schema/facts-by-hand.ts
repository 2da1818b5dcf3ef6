/**
 * Facts about built-in kinds that neither the types nor the sources of the API types state in a form that a program
 * can read. Source of each group: the validation of that API in k8s.io/kubernetes v1.36.3, `pkg/apis/<group>/validation`.
 */

/** Values that the server allows, by `table/Type.field`, where the type says only "string". */
export const ENUMS: Readonly<Record<string, readonly string[]>> = {
  // autoscaling
  'autoscaling_v2/MetricSpec.type': ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'],
  'autoscaling_v2/MetricTarget.type': ['AverageValue', 'Utilization', 'Value'],
  'autoscaling_v2/HPAScalingRules.selectPolicy': ['Disabled', 'Max', 'Min'],
  'autoscaling_v2/HPAScalingPolicy.type': ['Percent', 'Pods'],
  // apps
  'apps_v1/StatefulSetPersistentVolumeClaimRetentionPolicy.whenDeleted': ['Delete', 'Retain'],
  'apps_v1/StatefulSetPersistentVolumeClaimRetentionPolicy.whenScaled': ['Delete', 'Retain'],
  // batch
  'batch_v1/PodFailurePolicyOnPodConditionsPattern.status': ['False', 'True', 'Unknown'],
  // core
  'core_v1/Container.restartPolicy': ['Always', 'Never', 'OnFailure'],
  'core_v1/PodOS.name': ['linux', 'windows'],
  'core_v1/ContainerResizePolicy.restartPolicy': ['NotRequired', 'RestartContainer'],
  'core_v1/VolumeMount.recursiveReadOnly': ['Disabled', 'Enabled', 'IfPossible'],
  'core_v1/PodSecurityContext.seLinuxChangePolicy': ['MountOption', 'Recursive'],
  'core_v1/ServiceSpec.trafficDistribution': ['PreferClose', 'PreferSameNode', 'PreferSameZone'],
  // rbac
  'rbac.authorization.k8s.io_v1/RoleRef.apiGroup': ['rbac.authorization.k8s.io'],
  'rbac.authorization.k8s.io_v1/RoleRef.kind': ['ClusterRole', 'Role'],
  'rbac.authorization.k8s.io_v1/Subject.kind': ['Group', 'ServiceAccount', 'User'],
};

/** Fields that the server requires although the type does not, by `table/Type`. */
export const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  'apps_v1/Deployment': ['spec'],
  'apps_v1/StatefulSet': ['spec'],
  'apps_v1/DaemonSet': ['spec'],
  'apps_v1/ReplicaSet': ['spec'],
  'batch_v1/Job': ['spec'],
  'batch_v1/CronJob': ['spec'],
  'batch_v1/JobTemplateSpec': ['spec'],
  'core_v1/Pod': ['spec'],
  'core_v1/PodTemplateSpec': ['spec'],
  'core_v1/Container': ['image'],
  'core_v1/Service': ['spec'],
  'core_v1/PersistentVolumeClaim': ['spec'],
  'core_v1/PersistentVolumeClaimSpec': ['accessModes', 'resources'],
  'autoscaling_v2/HorizontalPodAutoscaler': ['spec'],
  'networking.k8s.io_v1/Ingress': ['spec'],
};
