import type { Problem } from '../model/finding';
import { printed } from '../values';

/** A DNS name (RFC 1123, section 2.1), in lower case as servers compare it. */
const HOST = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+$/;

/** Path of a route: segments of unreserved characters (RFC 3986, section 3.3), so that no pattern can be in it. */
const PATH = /^(\/|(\/[A-Za-z0-9._~-]+)+)$/;

/** Name of an object (Kubernetes 1.36, "Object Names and IDs": DNS subdomain). */
const NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** What is wrong with a DNS name. */
export function problemsOfHost(field: string, host: string): readonly Problem[] {
  if (HOST.test(host)) return [];
  return [
    {
      code: 'bad-host',
      message: `${printed(host)} is no DNS name.`,
      field,
      got: printed(host),
      allowed: 'a name such as api.shop.example.com, without scheme, port or path',
      fix: 'Give the name alone.',
    },
  ];
}

/** What is wrong with a path. */
export function problemsOfPath(field: string, path: unknown): readonly Problem[] {
  if (
    typeof path === 'string' &&
    PATH.test(path) &&
    !path.split('/').some((segment) => segment === '.' || segment === '..')
  )
    return [];
  return [
    {
      code: 'bad-path',
      message: `${printed(path)} is no path of a route.`,
      field,
      got: printed(path),
      allowed: '/ or a path such as /orders/v1, without a slash at its end, a query or a pattern',
      fix: 'Give the path; what is below it goes the same way.',
    },
  ];
}

/** What is wrong with an address of the web that has to be safe. */
export function problemsOfHttps(field: string, address: string): readonly Problem[] {
  if (URL.canParse(address) && new URL(address).protocol === 'https:') return [];
  return [
    {
      code: 'not-https',
      message: `${printed(address)} can be changed on its way.`,
      field,
      got: printed(address),
      allowed: 'an address that begins with https://',
      fix: 'Give the address over https.',
    },
  ];
}

/** What is wrong with the name of an object. */
export function problemsOfObjectName(field: string, name: string): readonly Problem[] {
  if (NAME.test(name)) return [];
  return [
    {
      code: 'bad-object-name',
      message: `${field} names no object.`,
      field,
      got: printed(name),
      allowed: 'a DNS name of at most 253 characters: a-z, 0-9, - and .',
      fix: 'Give the name of the object.',
    },
  ];
}
