/**
 * The forms of single values, by kind and place. Source: the validation of each API in k8s.io/kubernetes v1.36.3,
 * `pkg/apis/<group>/validation`; a proof holds them against the server.
 */
import {
  addressBytes,
  hasHostBits,
  isConfigKey,
  isDns1035Label,
  isDnsLabel,
  isDnsSubdomain,
  isPathSegment,
  isPortName,
  isQualifiedName,
  parseCidr,
} from '../formats';
import { Grammar, type Places } from './grammar';

const WHOLE_TEXT = Grammar.text((text) => text !== '', 'a text that is not empty', 'missing-field');
const IMAGE = Grammar.text(
  (text) => text !== '' && text === text.trim(),
  'an image, without blanks around it',
  'bad-name',
);
const NAME = Grammar.text(isDnsSubdomain, 'a DNS name', 'bad-name');
const KEY = Grammar.text(isConfigKey, 'at most 253 of A-Z, a-z, 0-9, -, _ and .', 'bad-key');
const SEGMENT = Grammar.text(isPathSegment, 'text without / and %, neither . nor ..', 'bad-name');
/** That it must not be empty is said with the role. */
const ROLE_NAME = Grammar.text((text) => text === '' || isPathSegment(text), SEGMENT.allowed, SEGMENT.code);
const LABEL_KEY = Grammar.text(isQualifiedName, 'a label key, as app.kubernetes.io/name', 'bad-label-key');
const PORT_NAME = Grammar.text(isPortName, 'the name of a port', 'bad-port-name');
const HEADER = Grammar.text(
  (text) => /^[-A-Za-z0-9]+$/.test(text),
  'the name of a header, of A-Z, a-z, 0-9 and -',
  'bad-name',
);
const ADDRESS = Grammar.text((text) => addressBytes(text) !== undefined, 'an IP address', 'bad-address');
const CIDR = Grammar.text(
  (text) => {
    const block = parseCidr(text.trim());
    return block !== undefined && !hasHostBits(block);
  },
  'address/bits, as 10.0.0.0/8 or fd00::/8',
  'bad-cidr',
);
const USER = Grammar.amount(0, 2 ** 31 - 1, '0 to 2147483647');
const COUNT = Grammar.amount(0, Infinity, '0 or more');

const HANDLER: Places = { httpGet: { httpHeaders: { '*': { name: HEADER } } } };
const KEY_REF = { name: NAME.needed(), key: KEY };
const CONTAINER: Places = {
  image: IMAGE,
  volumeMounts: { '*': { mountPath: WHOLE_TEXT } },
  env: { '*': { valueFrom: { configMapKeyRef: KEY_REF, secretKeyRef: KEY_REF } } },
  envFrom: { '*': { configMapRef: { name: NAME.needed() }, secretRef: { name: NAME.needed() } } },
  livenessProbe: HANDLER,
  readinessProbe: HANDLER,
  startupProbe: HANDLER,
  lifecycle: { postStart: HANDLER, preStop: HANDLER },
};
const TERM = { topologyKey: LABEL_KEY };
const TERMS = {
  requiredDuringSchedulingIgnoredDuringExecution: { '*': TERM },
  preferredDuringSchedulingIgnoredDuringExecution: { '*': { podAffinityTerm: TERM } },
};

/** Values in the spec of a pod. */
export const POD_VALUES: Places = {
  containers: { '*': CONTAINER },
  initContainers: { '*': CONTAINER },
  affinity: { podAffinity: TERMS, podAntiAffinity: TERMS },
  dnsConfig: { nameservers: { '*': ADDRESS } },
  securityContext: { fsGroup: USER, runAsUser: USER, runAsGroup: USER, supplementalGroups: { '*': USER } },
  tolerations: { '*': { key: Grammar.text(isLabelKeyOrNone, LABEL_KEY.allowed, LABEL_KEY.code) } },
  topologySpreadConstraints: { '*': { topologyKey: WHOLE_TEXT, matchLabelKeys: { '*': LABEL_KEY } } },
  volumes: {
    '*': {
      configMap: { name: WHOLE_TEXT.needed() },
      secret: { secretName: WHOLE_TEXT.needed() },
      emptyDir: { sizeLimit: COUNT },
    },
  },
};

/** Empty means every key, with the operator Exists. */
function isLabelKeyOrNone(text: string): boolean {
  return text === '' || isQualifiedName(text);
}

const BACKEND = {
  service: {
    port: { name: Grammar.text((text) => text === '' || isPortName(text), PORT_NAME.allowed, PORT_NAME.code) },
  },
};
const HAS_GROUP = Grammar.text(
  (text) => /^[^/]+\/[^/]+$/.test(text),
  'group and version, as apps/v1',
  'bad-api-version',
).needed();
const POD_SECURITY_LEVEL = Grammar.text(
  (text) => ['privileged', 'baseline', 'restricted'].includes(text),
  'privileged, baseline or restricted',
  'bad-enum-value',
);
const POD_SECURITY_VERSION = Grammar.text(
  (text) => /^(latest|v1\.(0|[1-9]\d*))$/.test(text),
  'latest, or as v1.36',
  'bad-enum-value',
);
const MODES = ['enforce', 'audit', 'warn'].map((mode) => `pod-security.kubernetes.io/${mode}`);

/** Values in objects of a kind, by table and kind. */
export const VALUES: Readonly<Record<string, Places>> = {
  'core_v1/Namespace': {
    metadata: {
      labels: Object.fromEntries(
        MODES.flatMap((label) => [
          [label, POD_SECURITY_LEVEL],
          [`${label}-version`, POD_SECURITY_VERSION],
        ]),
      ),
    },
  },
  'core_v1/Service': { spec: { loadBalancerSourceRanges: { '*': CIDR } } },
  'apps_v1/StatefulSet': {
    spec: {
      serviceName: Grammar.text((text) => text === '' || isServiceName(text), 'a DNS label', 'bad-name'),
      updateStrategy: { rollingUpdate: { partition: COUNT } },
    },
  },
  'autoscaling_v2/HorizontalPodAutoscaler': {
    spec: {
      scaleTargetRef: { apiVersion: HAS_GROUP, kind: SEGMENT, name: SEGMENT },
      metrics: { '*': { resource: { name: WHOLE_TEXT }, containerResource: { name: WHOLE_TEXT } } },
    },
  },
  'networking.k8s.io_v1/Ingress': {
    spec: {
      defaultBackend: BACKEND,
      rules: { '*': { http: { paths: { '*': { backend: BACKEND } } } } },
    },
  },
  'rbac.authorization.k8s.io_v1/RoleBinding': binding(),
  'rbac.authorization.k8s.io_v1/ClusterRoleBinding': binding(),
};

function isServiceName(text: string): boolean {
  return isDns1035Label(text) || isDnsLabel(text);
}

function binding(): Places {
  return { roleRef: { name: ROLE_NAME }, subjects: { '*': { name: WHOLE_TEXT } } };
}
