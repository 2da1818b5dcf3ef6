/**
 * What a pod as a whole must keep. Source: `validatePodSpec` and what it calls in k8s.io/kubernetes v1.36.3
 * `pkg/apis/core/validation/validation.go`.
 */
import { isDeferred } from '../../../constructs/model/deferred';
import { isDnsSubdomain } from '../formats';
import { print } from '../print';
import { checkContainers } from './containers';
import { checkPlaces } from './grammar';
import { checkAnnotations, checkLabels } from './metadata';
import { checkPlacement } from './placement';
import { POD_VALUES } from './values';
import { checkVolumes } from './volumes';
import { checkBounds, list, record, type Data, type Report, type Rule } from './rule';

/** The rule over the pod template at `path`, or over the object where it is the pod and `path` is empty. */
export function podAt(path: string): Rule {
  const steps = path.split('/').slice(1);
  const metadataPath = `${path}/metadata`;
  const specPath = `${path}/spec`;
  return (object, report, context) => {
    let template = object;
    for (const step of steps) template = record(template[step]);
    const { labels, annotations } = template === object ? NO_METADATA : record(template['metadata']);
    checkLabels(labels, metadataPath, 'labels', report);
    checkAnnotations(annotations, metadataPath, 'annotations', report);
    const spec = record(template['spec']);
    checkTimes(spec, specPath, report);
    checkDns(spec, specPath, report);
    checkContainers(spec, specPath, report, context);
    checkPlaces(spec, POD_VALUES, specPath, report);
    checkVolumes(spec, record(object['spec'])['volumeClaimTemplates'], specPath, report);
    checkPlacement(spec, specPath, report);
  };
}

/** The metadata of the object itself has a rule of its own. */
const NO_METADATA: Data = {};

function checkTimes(spec: Data, path: string, report: Report): void {
  checkBounds(spec['terminationGracePeriodSeconds'], 0, Infinity, path, 'terminationGracePeriodSeconds', report);
  checkBounds(spec['activeDeadlineSeconds'], 1, 2 ** 31 - 1, path, 'activeDeadlineSeconds', report);
  const account = spec['serviceAccountName'];
  if (typeof account !== 'string' || account === '' || isDnsSubdomain(account)) return;
  report(`${path}/serviceAccountName`, {
    code: 'bad-name',
    message: `${print(account)} is no valid name`,
    got: print(account),
    allowed: 'a DNS name',
    fix: 'name a ServiceAccount',
  });
}

function checkDns(spec: Data, path: string, report: Report): void {
  if (spec['dnsPolicy'] !== 'None') return;
  const config = record(spec['dnsConfig']);
  const unknown =
    (spec['dnsConfig'] !== undefined && config !== spec['dnsConfig']) || isDeferred(config['nameservers']);
  if (unknown || list(config['nameservers']).length > 0) return;
  report(`${path}/dnsConfig/nameservers`, {
    code: 'missing-field',
    message: 'dnsPolicy None needs name servers',
    got: 'nothing',
    allowed: 'at least one name server',
    fix: 'add dnsConfig.nameservers, or use another dnsPolicy',
  });
}
