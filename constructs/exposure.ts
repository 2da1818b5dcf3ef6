import { ANYWHERE } from './derive/exposure';
import type { Reach, ServiceFacts } from './derive/endpoint';
import { kindOf, membersOf, problemsOfOptions } from './kinds';
import type { Problem } from './model/finding';
import type { Checked } from './values';

/** Who comes from outside, and through what. */
export class Exposure implements Checked {
  private constructor(
    /** Those who are admitted. */
    readonly from: readonly Reach[],
    /** The Service object of its own that leads in, if any. */
    readonly service:
      | { readonly name: string; readonly type: ServiceFacts['type']; readonly sourceRanges: readonly string[] }
      | undefined,
    /** What was given wrongly. */
    readonly problems: readonly Problem[] = [],
  ) {}

  /**
   * Through a load balancer of the cloud, as a Service of its own.
   * @param name - name of the Service
   * @param options - `from`: CIDRs that are admitted; everybody where it is left out
   */
  static loadBalancer(name: string, options: { readonly from?: readonly string[] } = {}): Exposure {
    const { from } = membersOf(options);
    const problems = problemsOfOptions('exposes', options, { from: true }, "{ from: ['203.0.113.0/24'] }");
    const reach = from === undefined ? ANYWHERE : { cidrs: from, except: [] };
    return new Exposure([reach], { name, type: 'LoadBalancer', sourceRanges: from ?? [] }, problems);
  }

  /** Addresses that reach the pods without a Service of their own. */
  static addresses(...cidrs: readonly string[]): Exposure {
    return new Exposure([{ cidrs, except: [] }], undefined);
  }

  /** Pods that Ashlar does not own, such as an ingress controller. No labels: all pods of the namespace. */
  static pods(namespace: string, labels: Readonly<Record<string, string>> = {}): Exposure {
    return new Exposure([{ pods: { namespace, labels } }], undefined);
  }
}

/** Those, of whichever copy of the kit. */
export const EXPOSURE = kindOf(Exposure, "Exposure.loadBalancer('orders-public')");
