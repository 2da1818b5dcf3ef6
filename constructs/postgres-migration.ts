import type { Construct } from 'constructs';
import type { IStore } from './capabilities';
import { containerFacts, envParts, problemsOfEnvNames, type Env } from './container';
import { CLIENT_RESOURCES } from './derive/stores/postgres/access';
import { CLIENT_IMAGE } from './derive/stores/postgres/images';
import { PostgresMigration } from './derive/stores/postgres/migrations';
import { MIGRATED_SCRIPT } from './derive/stores/postgres/scripts';
import { Maintains, STORE, type ConnectionEnv } from './derive/stores/store';
import { selectorOf } from './derive/pod-template';
import { Workload } from './derive/workload';
import { problemsOfNeeded } from './kinds';
import type { Deferrable } from './model/deferred';
import { Element } from './model/element';
import { given } from './model/given';
import { declare, relate, report } from './model/recorder';
import { namespaceOf } from './namespace';
import type { Resources } from './resources';
import { problemsOfUser, unknownProps } from './values';

/** What a migration is told. */
export interface MigrationProps {
  /** The store whose tables it changes. */
  readonly of: IStore;
  /** With tag or digest: `ghcr.io/acme/orders:1.4.2`. A new one is a new migration. */
  readonly image: Deferrable<string>;
  /** Replaces the entry point of the image. @defaultValue the image's own */
  readonly command?: readonly string[];
  /** Arguments of the command: `['migrate', 'up']`. @defaultValue the image's own */
  readonly args?: readonly string[];
  /** Variables of the process. @defaultValue none */
  readonly env?: Env;
  /** Variables that it gets of the connection: `POSTGRES_ENV.url`. @defaultValue those that libpq reads */
  readonly access?: ConnectionEnv;
  /** CPU, memory and disk that it asks for and may use. @defaultValue those of the namespace */
  readonly resources?: Resources;
  /** User that it runs as; not 0. @defaultValue by the setting `user`: 1000 */
  readonly user?: number;
  /**
   * Whether the release before works with the tables that it leaves. Two versions of a canary or blue-green service use
   * them at once, so what is not compatible is a finding there. @defaultValue true
   */
  readonly compatible?: boolean;
}

/**
 * A program that changes the tables of a store before those who use it start (a schema migration). It has the rights of
 * the owner. A checksum of image, arguments and variables is its version: each version runs once, and pods of a release
 * wait for those of their plan. It has to be safe to repeat, and the tables that it leaves must serve the release before
 * as well, whose pods still run.
 *
 * Errors: `name-too-long`, `bad-image`, `migration-without-accounts`, `migration-breaks-release`.
 *
 * @example
 * ```ts
 * const ordersDb = new PostgresDatabase(ordering, 'orders-db');
 * orders.owns(ordersDb);
 * new Migration(ordering, 'orders-tables', {
 *   of: ordersDb,
 *   image: 'ghcr.io/acme/orders:1.4.2',
 *   args: ['migrate', 'up'],
 *   access: POSTGRES_ENV.url,
 * });
 * ```
 */
export class Migration extends Element {
  constructor(scope: Construct, id: string, props: MigrationProps) {
    super(scope, id);
    const { of, access, user, compatible = true } = props;
    const problems = [
      ...unknownProps(props, PROPS),
      ...problemsOfNeeded('of', of, STORE),
      ...problemsOfUser(user),
      ...problemsOfEnvNames(Object.keys(access ?? {})),
    ];
    for (const problem of problems) report(this, problem);
    const { image, command, args, resources } = props;
    declare(this, PostgresMigration, {
      container: containerFacts(this, id, { image, ...given({ command, args, resources }) }),
      env: envParts(this, props.env),
      compatible,
      ...given({ access }),
    });
    declare(this, Workload, {
      name: id,
      namespace: namespaceOf(this),
      selector: selectorOf(id),
      strategy: { fatalExitCodes: [], completions: 1, parallelism: 1 },
      ...given({ user }),
      mountsToken: false,
      // It comes after the program, which is an init container: that it is reached says that the program ended well.
      container: {
        name: 'migrated',
        image: CLIENT_IMAGE,
        command: ['sh', '-c', MIGRATED_SCRIPT],
        ports: [],
        resources: CLIENT_RESOURCES,
      },
      env: [],
      volumes: [],
      beside: [],
      claims: [],
    });
    if (STORE.is(of)) relate(Maintains, this, of, {});
  }
}

const PROPS: Readonly<Record<keyof MigrationProps, true>> = {
  of: true,
  image: true,
  command: true,
  args: true,
  env: true,
  access: true,
  resources: true,
  user: true,
  compatible: true,
};
