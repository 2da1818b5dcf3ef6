import type { IConstruct } from 'constructs';
import { capability } from './capability';
import type { KubeObject } from './kube-object';
import { declare } from './recorder';

/** By which cdk8s 2 knows an object (`ApiObject.isApiObject`), whatever its class. */
const API_OBJECT = Symbol.for('cdk8s.ApiObject');

/** An object that the team wrote itself: a cdk8s construct, or a plain manifest. */
export interface TeamObjectFacts {
  /** The finished object; asked for once, after the seal, because cdk8s fills in values late. */
  render(): KubeObject;
}

/** The capability of such objects. */
export const TeamObject = capability<TeamObjectFacts>('team-object');

/** A cdk8s object, by shape. */
export interface ApiObjectLike extends IConstruct {
  /** The manifest with all lazy values filled in. It is asked for after the program has ended. */
  toJson(): unknown;
}

/** True for an object of any copy of cdk8s. */
export function isApiObject(construct: IConstruct): construct is ApiObjectLike {
  return API_OBJECT in construct;
}

/** Lets the cdk8s objects among the constructs take part in the plan. */
export function adoptObjects(constructs: readonly IConstruct[]): void {
  for (const construct of constructs) {
    if (!isApiObject(construct)) continue;
    declare(construct, TeamObject, { render: () => construct.toJson() as KubeObject });
  }
}
