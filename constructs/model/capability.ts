/**
 * What a construct can be: a workload, an endpoint, a database. A capability is a name and the type of its facts.
 * Derivations ask the graph for everything that has a capability; they never see the class behind it, so a team's own
 * construct takes part by declaring the same facts.
 */
export interface Capability<F> {
  /** Unique; an extension prefixes it: `acme.cache`. */
  readonly id: string;
  /** Never set. It ties the id to the type of the facts. */
  readonly facts?: F;
}

/** Makes a capability. Declare it beside the derivation that reads it. */
export function capability<F>(id: string): Capability<F> {
  return { id };
}
