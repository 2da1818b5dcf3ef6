/**
 * What a pod as a whole must keep. Source: `validatePodSpec` and what it calls in k8s.io/kubernetes v1.36.3
 * `pkg/apis/core/validation/validation.go`.
 */
import { isDeferred } from '../deferred';
import { isDnsSubdomain } from '../formats';
import { print } from '../print';
import { checkContainers } from './containers';
import { checkAnnotations, checkLabels } from './metadata';
import { checkPlacement } from './placement';
import { checkVolumes } from './volumes';
import { checkBounds, list, record, type Data, type Report, type RuleContext } from './rule';

/** Checks the pod template (or the pod) at `path`; `claims` are the claim templates of a StatefulSet. */
export function checkPod(template: Data, claims: unknown, path: string, report: Report, context: RuleContext): void {
  if (path !== '') {
    const metadata = record(template['metadata']);
    checkLabels(metadata['labels'], `${path}/metadata/labels`, report);
    checkAnnotations(metadata['annotations'], `${path}/metadata/annotations`, report);
  }
  const spec = record(template['spec']);
  const specPath = `${path}/spec`;
  checkTimes(spec, specPath, report);
  checkDns(spec, specPath, report);
  checkContainers(spec, specPath, report, context);
  checkVolumes(spec, claims, specPath, report);
  checkPlacement(spec, specPath, report);
}

function checkTimes(spec: Data, path: string, report: Report): void {
  checkBounds(spec['terminationGracePeriodSeconds'], 0, Infinity, `${path}/terminationGracePeriodSeconds`, report);
  checkBounds(spec['activeDeadlineSeconds'], 1, 2 ** 31 - 1, `${path}/activeDeadlineSeconds`, report);
  const account = spec['serviceAccountName'];
  if (typeof account !== 'string' || account === '' || isDnsSubdomain(account)) return;
  report(`${path}/serviceAccountName`, { code: 'bad-name', message: `${print(account)} is no valid name`, got: print(account), allowed: 'a DNS name', fix: 'name a ServiceAccount' });
}

function checkDns(spec: Data, path: string, report: Report): void {
  if (spec['dnsPolicy'] !== 'None') return;
  const config = record(spec['dnsConfig']);
  const unknown = (spec['dnsConfig'] !== undefined && config !== spec['dnsConfig']) || isDeferred(config['nameservers']);
  if (unknown || list(config['nameservers']).length > 0) return;
  report(`${path}/dnsConfig/nameservers`, {
    code: 'missing-field', message: 'dnsPolicy None needs name servers', got: 'nothing', allowed: 'at least one name server', fix: 'add dnsConfig.nameservers, or use another dnsPolicy',
  });
}
