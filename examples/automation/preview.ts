import path from 'node:path';
import { LocalWorkspace, type OpMap } from '@pulumi/pulumi/automation';
import { listEnvironments } from 'ashlar/charts';
import { deploy } from 'ashlar/stacks';
import shop from '../shop/platform';

const folder = path.join(__dirname, '../shop/environments');

/** What a stack deploys: the platform in the environment that the stack is called after. */
export function programOf(environment: string): () => object {
  return () => {
    const { endpoints } = deploy(shop, { environment, folder });
    return { endpoints };
  };
}

/** How many objects a preview would create, change and leave, by environment. */
export async function previewAll(): Promise<Readonly<Record<string, OpMap>>> {
  const changes: Record<string, OpMap> = {};
  for (const environment of listEnvironments(folder)) {
    const program = (): Promise<object> => Promise.resolve(programOf(environment)());
    const stack = await LocalWorkspace.createOrSelectStack({ stackName: environment, projectName: 'shop', program });
    const { changeSummary } = await stack.preview();
    changes[environment] = changeSummary;
  }
  return changes;
}

if (require.main === module) {
  previewAll().then(
    (changes) => process.stdout.write(`${JSON.stringify(changes, undefined, 2)}\n`),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}
