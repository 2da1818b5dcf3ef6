/**
 * Where the comments of the API types say too little or too much about feature gates. Found by comparing them with
 * what the server does: `pkg/api/pod/util.go` and `pkg/registry/<group>/<kind>/strategy.go` of
 * k8s.io/kubernetes v1.36.3, which drop the fields of a gate that is off.
 */

/** Gates of fields whose comment does not name one, by `table/Type.field`. */
export const GATED: Readonly<Record<string, string>> = {
  'core_v1/Lifecycle.stopSignal': 'ContainerStopSignals',
  'core_v1/Volume.image': 'ImageVolume',
  'core_v1/VolumeSource.image': 'ImageVolume',
  'core_v1/VolumeProjection.podCertificate': 'PodCertificateRequest',
};

/** Fields whose comment names a gate that governs some of their values only, by `group/Type.field`. */
export const NOT_GATED: ReadonlySet<string> = new Set([
  'core/PersistentVolumeSpec.nodeAffinity',
  'core/PersistentVolumeClaimSpec.dataSourceRef',
  'core/Toleration.operator',
  'core/PodResourceClaim.resourceClaimTemplateName',
  'core/PodResourceClaimStatus.resourceClaimName',
  'core/FileKeySelector.key',
  'autoscaling/HorizontalPodAutoscalerSpec.minReplicas',
  'resource.k8s.io/CELDeviceSelector.expression',
  'resource.k8s.io/DeviceConstraint.matchAttribute',
]);
