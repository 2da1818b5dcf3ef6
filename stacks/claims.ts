import * as pulumi from '@pulumi/pulumi';
import type { Finding } from '../constructs/model/finding';
import { displayNameOf } from '../constructs/model/kube-object';
import type { Plan, PlannedObject } from '../constructs/model/plan';
import type { DeployOptions } from './deploy-options';

/** One run of a Pulumi program has one connection to the engine; a process may have several runs (Automation API). */
const byRun = new WeakMap<object, Claims>();

/** Which platform owns which object of which cluster, in one run of a Pulumi program. */
export class Claims {
  readonly #owners = new Map<string, string>();

  /** The claims of the run that this is called in. */
  static ofThisRun(): Claims {
    const run = pulumi.runtime.getMonitor() ?? Claims;
    let claims = byRun.get(run);
    if (claims === undefined) byRun.set(run, (claims = new Claims()));
    return claims;
  }

  /** Claims the objects of a platform; what another one owns already is a finding. */
  claim(
    plan: Plan,
    objects: readonly PlannedObject[],
    { cluster, clusters }: Pick<DeployOptions, 'cluster' | 'clusters'>,
  ): readonly Finding[] {
    return objects.flatMap(({ key, chart, construct, manifest }): Finding[] => {
      const at = `${(clusters?.[chart] ?? cluster)?.name ?? ''} ${key}`;
      const owner = this.#owners.get(at);
      if (owner === undefined) this.#owners.set(at, construct);
      return owner === undefined ? [] : [ownedTwice(construct, displayNameOf(manifest), owner, plan)];
    });
  }
}

function ownedTwice(path: string, object: string, owner: string, plan: Plan): Finding {
  return {
    code: 'owned-twice',
    severity: 'error',
    path,
    object,
    message: `Two platforms of one Pulumi program own ${object}.`,
    got: `${owner} and ${path}`,
    allowed: 'one owner an object and cluster',
    fix: `Rename one of the two, or name the cluster of ${plan.platform}: cluster: { name: ... }.`,
  };
}
