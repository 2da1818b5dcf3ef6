import * as pulumi from '@pulumi/pulumi';

/** A resource as mocks see it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly provider: string;
}

/** What a program registers with the SDK's own mocks. */
export interface Mocked {
  readonly registered: Registered[];
  /** The one resource of this name and kind. */
  find(kind: string, name: string): Registered;
}

/** Switches the SDK to mocks: each call starts a new run. */
export async function mockPulumi(preview = false): Promise<Mocked> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, provider = '' }) => {
        registered.push({ type, name, inputs: inputs as Registered['inputs'], provider });
        return { id: `${name}-id`, state: inputs as Record<string, unknown> };
      },
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    'shop',
    'dev',
    preview,
  );
  const find = (kind: string, name: string): Registered => {
    const found = registered.filter((one) => one.name === name && one.type.endsWith(`:${kind}`));
    if (found.length === 1 && found[0] !== undefined) return found[0];
    throw new Error(
      `${found.length} of ${kind} ${name} among\n${registered.map((one) => `${one.type} ${one.name}`).join('\n')}`,
    );
  };
  return { registered, find };
}

/** The value of an Output, once everything behind it is done. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return (output as unknown as { promise(): Promise<T> }).promise();
}
