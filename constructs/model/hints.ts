/** What a deployer has to know about an object that its manifest does not say. */
export interface Hints {
  /** Deleting it loses data: the deployer refuses. */
  readonly protect?: true;
  /** It stays in the cluster when it leaves the plan. */
  readonly retain?: true;
  /** Not waited for before what depends on it: a claim that binds with its first pod. */
  readonly skipAwait?: true;
  /** What makes it ready, as `kubectl wait --for` writes it: `condition=Ready`. @defaultValue by its kind, where that is known */
  readonly readyWhen?: string;
  /** Fields that a controller writes, as JSON pointers: `/spec/replicas` under a scaler. */
  readonly ownedElsewhere?: readonly string[];
  /** What of the program stands in those fields, too, so that a deployer which leaves them alone leaves it behind. */
  readonly heldBack?: string;
  /** Its name changes with its content; earlier ones are kept while old pods may read them. */
  readonly keepEarlier?: true;
}
