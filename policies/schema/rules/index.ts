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
import { valuesAt } from './grammar';
import { checkIngress } from './ingress';
import { checkJob } from './job';
import { checkClaim, checkLimitRange, checkQuota } from './quota';
import { checkMetadata } from './metadata';
import { checkNetworkPolicy } from './network-policy';
import { podAt } from './pod';
import { checkBinding, checkRole } from './rbac';
import { checkRolloutLists } from './rollout';
import { checkService } from './service';
import { checkStatefulSet } from './stateful-set';
import { checkWorkload } from './workload';
import { VALUES } from './values';
import { visible } from '../print';
import type { Data, Report, Rule, RuleContext } from './rule';

const RULES: Readonly<Record<string, readonly Rule[]>> = {
  'apps_v1/Deployment': [checkWorkload, podAt('/spec/template')],
  'apps_v1/StatefulSet': [checkWorkload, checkStatefulSet, podAt('/spec/template')],
  'apps_v1/DaemonSet': [checkWorkload, podAt('/spec/template')],
  'apps_v1/ReplicaSet': [checkWorkload, podAt('/spec/template')],
  'argoproj.io_v1alpha1/Rollout': [checkWorkload, checkRolloutLists, podAt('/spec/template')],
  'batch_v1/Job': [checkJob, podAt('/spec/template')],
  'batch_v1/CronJob': [checkCronJob, podAt('/spec/jobTemplate/spec/template')],
  'core_v1/Pod': [podAt('')],
  'core_v1/PodTemplate': [podAt('/template')],
  'core_v1/ReplicationController': [podAt('/spec/template')],
  'core_v1/Service': [checkService],
  'core_v1/ConfigMap': [checkConfigMap],
  'core_v1/Secret': [checkSecret],
  'core_v1/PersistentVolumeClaim': [checkClaim],
  'core_v1/LimitRange': [checkLimitRange],
  'core_v1/ResourceQuota': [checkQuota],
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

const NO_PROBLEMS: readonly Problem[] = Object.freeze([]);

/** The rules of one kind. */
export class Rules {
  private readonly rules: readonly Rule[];
  private found: Problem[] = [];

  constructor(private readonly context: RuleContext) {
    const values = VALUES[context.type];
    this.rules = [checkMetadata, ...(RULES[context.type] ?? []), ...(values === undefined ? [] : [valuesAt(values)])];
  }

  /** All problems that the rules find. */
  check(object: Data): readonly Problem[] {
    const { rules, report, context } = this;
    for (let index = 0; index < rules.length; index++) rules[index]?.(object, report, context);
    if (this.found.length === 0) return NO_PROBLEMS;
    const { found } = this;
    this.found = [];
    return found;
  }

  private readonly report: Report = (field, complaint) => {
    this.found.push({ ...complaint, got: visible(complaint.got), field });
  };
}
