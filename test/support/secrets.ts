import { BoundedContext, Microservice, Secret, type BackEndChoice, type ReadOptions, type SecretProps } from 'ashlar';
import { planOf, type PlanOptions } from './plans';

const IMAGE = 'ghcr.io/acme/service:1.0.0';

/** What the Secret of `acquiring` is told, and who reads it how. */
export interface Acquiring extends PlanOptions {
  readonly keys?: SecretProps['keys'];
  readonly kind?: SecretProps['kind'];
  /** How payments, of the same context, reads it; undefined: not at all. */
  readonly payments?: ReadOptions | undefined;
  /** How orders, of another context, reads it. @defaultValue not at all */
  readonly orders?: ReadOptions;
}

/** Payments reads a Secret with a key that is known, and one that is random. */
export function acquiring(options: Acquiring = {}) {
  const {
    keys = { 'api-key': Secret.known('acquirer/api-key'), hmac: Secret.random(48) },
    kind,
    payments = { env: { ACQUIRER_API_KEY: 'api-key' } },
    orders,
    ...rest
  } = options;
  return planOf((platform) => {
    const billing = new BoundedContext(platform, 'billing', { team: 'billing' });
    const ordering = new BoundedContext(platform, 'ordering', { team: 'orders' });
    const acquirer = new Secret(billing, 'acquirer', { keys, ...(kind !== undefined && { kind }) });
    const reader = new Microservice(billing, 'payments', { image: IMAGE });
    if (!('payments' in options) || options.payments !== undefined) reader.reads(acquirer, payments);
    const other = new Microservice(ordering, 'orders', { image: IMAGE });
    if (orders !== undefined) other.reads(acquirer, orders);
  }, rest);
}

/** A choice of the back end of Secrets. */
export function secretsBy(
  name: string,
  options: BackEndChoice['options'] = {},
  documents: BackEndChoice['documents'] = [],
): Pick<PlanOptions, 'environment'> {
  return { environment: { backEnds: { secrets: { name, options, at: 'environments/dev.yaml:2:3', documents } } } };
}
