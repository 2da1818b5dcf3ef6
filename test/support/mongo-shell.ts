import { runInNewContext } from 'node:vm';

/** A user of a database, as the shell gives it. */
export interface MongoUser {
  readonly user: string;
  readonly pwd: string;
  readonly roles: readonly { readonly role: string; readonly db: string }[];
}

/** As much of a MongoDB as a script for its shell can tell from a real one, by what it is told. */
export class MongoStandIn {
  readonly users = new Map<string, Map<string, MongoUser>>();
  /** What was changed since this was last emptied: `create catalog.orders_a`. */
  readonly changes: string[] = [];
  initiated: unknown;

  /** Runs a script, with variables of its process. */
  run(script: string, env: Readonly<Record<string, string>>): readonly string[] {
    const printed: string[] = [];
    const connect = (): object => this.#database('admin');
    const print = (line: string): number => printed.push(line);
    runInNewContext(script, { process: { env }, connect, print, sleep: () => undefined });
    return printed;
  }

  /** Roles of a user: `readWrite of catalog`. */
  rolesOf(database: string, user: string): readonly string[] | undefined {
    return this.users
      .get(database)
      ?.get(user)
      ?.roles.map(({ role, db }) => `${role} of ${db}`);
  }

  #database(name: string): object {
    const users = this.users.get(name) ?? new Map<string, MongoUser>();
    this.users.set(name, users);
    const change = (what: string, user: string, mustBe: boolean): void => {
      // As the server does: a user is not made twice, and not changed or dropped before it is there.
      if (users.has(user) !== mustBe) throw new Error(`${what} ${name}.${user}`);
      this.changes.push(`${what} ${name}.${user}`);
    };
    return {
      getSiblingDB: (sibling: string) => this.#database(sibling),
      hello: () => ({
        isWritablePrimary: this.initiated !== undefined,
        ...(this.initiated !== undefined && { setName: 'rs0' }),
      }),
      adminCommand: ({ replSetInitiate }: { replSetInitiate: unknown }) => (this.initiated = replSetInitiate),
      getUser: (user: string) => users.get(user) ?? null,
      getUsers: () => ({ users: [...users.values()] }),
      createUser: (user: MongoUser) => {
        change('create', user.user, false);
        users.set(user.user, structuredClone(user));
      },
      updateUser: (user: string, fields: Omit<MongoUser, 'user'>) => {
        change('update', user, true);
        users.set(user, structuredClone({ user, ...fields }));
      },
      dropUser: (user: string) => {
        change('drop', user, true);
        users.delete(user);
      },
    };
  }
}
