/**
 * Network policies: peers, ports, address blocks. Source: k8s.io/kubernetes v1.36.3
 * `pkg/apis/networking/validation/validation.go`.
 */
import { foundRight, isRight } from '../../../constructs/model/shared';
import { blockContains, hasHostBits, isPortName, parseCidr } from '../formats';
import { print } from '../print';
import { checkBounds, countPresent, isKnown, isKnownOrAbsent, list, record, type Data, type Report } from './rule';
import { checkSelector } from './selector';

const PEERS = ['podSelector', 'namespaceSelector', 'ipBlock'];

/** Checks a NetworkPolicy. */
export function checkNetworkPolicy(object: Data, report: Report): void {
  const spec = record(object['spec']);
  checkSelector(spec['podSelector'], '/spec', 'podSelector', report);
  for (const [direction, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const) {
    const rules = list(spec[direction]);
    for (let index = 0; index < rules.length; index++)
      checkRule(record(rules[index]), peers, `/spec/${direction}/${index}`, report);
  }
  const types = list(spec['policyTypes']);
  if (types.length <= 1 || new Set(types).size === types.length) return;
  report('/spec/policyTypes', {
    code: 'duplicate-element',
    message: 'a policy type is there twice',
    got: print(types),
    allowed: 'Ingress, Egress or both',
    fix: 'remove one of them',
  });
}

function checkRule(rule: Data, peersField: string, path: string, report: Report): void {
  checkEach(list(rule[peersField]), checkPeer, `${path}/${peersField}`, report);
  checkEach(list(rule['ports']), checkPort, `${path}/ports`, report);
}

/** Many rules name the same peers and ports. */
function checkEach(
  elements: readonly unknown[],
  check: (element: Data, path: string, report: Report) => void,
  path: string,
  report: Report,
): void {
  if (isRight(elements, check)) return;
  let isFine = true;
  const complain: Report = (field, complaint) => {
    isFine = false;
    report(field, complaint);
  };
  elements.forEach((element, index) => {
    if (record(element) === element) check(element as Data, `${path}/${index}`, complain);
  });
  if (isFine) foundRight(elements, check);
}

function checkPeer(peer: Data, path: string, report: Report): void {
  const count = countPresent(peer, PEERS);
  const mixed = peer['ipBlock'] !== undefined && count > 1;
  if (count === 0 || mixed) {
    report(path, {
      code: mixed ? 'several-choices' : 'missing-choice',
      message: mixed ? 'an ipBlock stands alone' : 'a peer selects something',
      got: `${count} of them`,
      allowed: 'podSelector and namespaceSelector, or ipBlock',
      fix: mixed ? 'make two peers of it' : 'add a selector or an ipBlock',
    });
  }
  checkSelector(peer['podSelector'], path, 'podSelector', report);
  checkSelector(peer['namespaceSelector'], path, 'namespaceSelector', report);
  if (isKnown(peer['ipBlock'])) checkBlock(record(peer['ipBlock']), `${path}/ipBlock`, report);
}

function checkBlock({ cidr, except }: Data, path: string, report: Report): void {
  if (typeof cidr !== 'string') return;
  const block = parseCidr(cidr);
  if (block === undefined || hasHostBits(block)) return badCidr(cidr, `${path}/cidr`, report);
  list(except).forEach((text, index) => {
    if (typeof text !== 'string') return;
    const part = parseCidr(text);
    if (part === undefined || hasHostBits(part)) return badCidr(text, `${path}/except/${index}`, report);
    if (blockContains(block, part) && part.bits > block.bits) return;
    report(`${path}/except/${index}`, {
      code: 'except-outside-cidr',
      message: `${text} is no proper part of ${cidr}`,
      got: text,
      allowed: `a smaller block inside ${cidr}`,
      fix: 'remove it, or correct one of the two',
    });
  });
}

function badCidr(text: string, path: string, report: Report): void {
  report(path, {
    code: 'bad-cidr',
    message: `${print(text)} is no block of addresses, or names one address in it`,
    got: print(text),
    allowed: 'address/bits, as 10.0.0.0/8 or fd00::/8',
    fix: 'correct the block',
  });
}

function checkPort({ port, endPort }: Data, path: string, report: Report): void {
  if (typeof port === 'number') checkBounds(port, 1, 65535, path, 'port', report);
  if (typeof port === 'string' && !isPortName(port)) {
    report(`${path}/port`, {
      code: 'bad-port-name',
      message: `${print(port)} is no valid port name`,
      got: port,
      allowed: 'a number without quotes, or the name of a container port',
      fix: 'correct the port',
    });
  }
  if (!isKnown(endPort) || !isKnownOrAbsent(port) || isRange(port, endPort)) return;
  report(`${path}/endPort`, {
    code: 'bad-port-range',
    message: 'endPort ends a range that begins with a numeric port',
    got: `${print(port)} to ${print(endPort)}`,
    allowed: 'port to 65535',
    fix: 'set a numeric port at most endPort',
  });
}

function isRange(port: unknown, endPort: unknown): boolean {
  return typeof port === 'number' && typeof endPort === 'number' && endPort >= port && endPort <= 65535;
}
