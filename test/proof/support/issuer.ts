import { createSign, generateKeyPairSync } from 'node:crypto';
import type { KubeObject } from 'ashlar';

/** Who signs tokens: the claim `iss`. */
export const ISSUER = 'https://login.example.com';

/** The issuer, with the one key that it has. */
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const keys = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }] });

/** The header with a token for the audience `shop`, signed by the issuer or with another key. */
export function token(claims: object, key = privateKey): Readonly<Record<string, string>> {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const all = { iss: ISSUER, sub: 'u', aud: 'shop', exp: now + 600, ...claims };
  const signed = `${encode({ alg: 'RS256', kid: 'k', typ: 'JWT' })}.${encode(all)}`;
  return { authorization: `Bearer ${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}` };
}

/** istiod fetches the issuer's keys; here they are given to it. */
export function withKeys(object: KubeObject): KubeObject {
  if (object.kind !== 'RequestAuthentication') return object;
  const { jwtRules, ...spec } = object['spec'] as { readonly jwtRules: readonly { readonly jwksUri: string }[] };
  return {
    ...object,
    spec: { ...spec, jwtRules: jwtRules.map(({ jwksUri: _, ...rule }) => ({ ...rule, jwks: keys })) },
  };
}
