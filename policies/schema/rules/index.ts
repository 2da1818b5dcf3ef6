/**
 * The rules that the API server applies to built-in objects besides their schema, by kind. Each file holds one
 * concern and names the part of the server's validation that it follows.
 */
import type { Problem } from '../../../constructs/model/finding';
import { checkAdmissionPolicy, checkAdmissionBinding } from './admission-policy';
import { checkAutoscaler } from './autoscaler';
import { checkConfigMap, checkSecret } from './config';
import { checkCronJob } from './cron-job';
import { checkDisruptionBudget } from './disruption-budget';
import { checkIngress } from './ingress';
import { checkJob } from './job';
import { checkClaim, checkLimitRange } from './quota';
import { checkMetadata } from './metadata';
import { checkNetworkPolicy } from './network-policy';
import { checkPod } from './pod';
import { checkBinding, checkRole } from './rbac';
import { checkService } from './service';
import { checkStatefulSet } from './stateful-set';
import { checkWorkload } from './workload';
import { visible } from '../print';
import { record, type Complaint, type Data, type Rule, type RuleContext } from './rule';

/** Path of the pod template in each kind that has one; a pod is its own. */
const POD_TEMPLATES: Readonly<Record<string, string>> = {
  'core_v1/Pod': '',
  'apps_v1/Deployment': '/spec/template',
  'apps_v1/StatefulSet': '/spec/template',
  'apps_v1/DaemonSet': '/spec/template',
  'apps_v1/ReplicaSet': '/spec/template',
  'core_v1/ReplicationController': '/spec/template',
  'core_v1/PodTemplate': '/template',
  'batch_v1/Job': '/spec/template',
  'batch_v1/CronJob': '/spec/jobTemplate/spec/template',
};

const RULES: Readonly<Record<string, readonly Rule[]>> = {
  'apps_v1/Deployment': [checkWorkload],
  'apps_v1/StatefulSet': [checkWorkload, checkStatefulSet],
  'apps_v1/DaemonSet': [checkWorkload],
  'apps_v1/ReplicaSet': [checkWorkload],
  'batch_v1/Job': [checkJob],
  'batch_v1/CronJob': [checkCronJob],
  'core_v1/Service': [checkService],
  'core_v1/ConfigMap': [checkConfigMap],
  'core_v1/Secret': [checkSecret],
  'core_v1/PersistentVolumeClaim': [checkClaim],
  'core_v1/LimitRange': [checkLimitRange],
  'autoscaling_v2/HorizontalPodAutoscaler': [checkAutoscaler],
  'policy_v1/PodDisruptionBudget': [checkDisruptionBudget],
  'networking.k8s.io_v1/NetworkPolicy': [checkNetworkPolicy],
  'networking.k8s.io_v1/Ingress': [checkIngress],
  'rbac.authorization.k8s.io_v1/Role': [checkRole],
  'rbac.authorization.k8s.io_v1/ClusterRole': [checkRole],
  'rbac.authorization.k8s.io_v1/RoleBinding': [checkBinding],
  'rbac.authorization.k8s.io_v1/ClusterRoleBinding': [checkBinding],
  'admissionregistration.k8s.io_v1/ValidatingAdmissionPolicy': [checkAdmissionPolicy],
  'admissionregistration.k8s.io_v1/ValidatingAdmissionPolicyBinding': [checkAdmissionBinding],
};

const NO_RULES: readonly Rule[] = [];
const NO_PROBLEMS: readonly Problem[] = Object.freeze([]);

/** All problems that the rules of a kind find. */
export function checkRules(object: Data, context: RuleContext): readonly Problem[] {
  let problems: Problem[] | undefined;
  const report = (field: string, complaint: Complaint): void => void (problems ??= []).push({ ...complaint, got: visible(complaint.got), field });
  checkMetadata(object, report, context);
  for (const rule of RULES[context.type] ?? NO_RULES) rule(object, report, context);
  const path = POD_TEMPLATES[context.type];
  if (path !== undefined) checkPod(podTemplate(object, path), record(object['spec'])['volumeClaimTemplates'], path, report, context);
  return problems ?? NO_PROBLEMS;
}

function podTemplate(object: Data, path: string): Data {
  let template = object;
  if (path !== '') for (const name of PATHS[path]!) template = record(template[name]);
  return template;
}

const PATHS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.values(POD_TEMPLATES).map((path) => [path, path.split('/').slice(1)]));
