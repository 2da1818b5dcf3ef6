/**
 * An engine that records. It speaks the protocol of Pulumi's SDK (ResourceMonitor and Engine over gRPC) and runs programs
 * by the SDK's own host of inline programs, so that what is recorded is what a real engine would be sent: names,
 * parents, dependencies, options, secrets. It plans nothing and deploys nothing.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { EngineService } from '@pulumi/pulumi/proto/engine_grpc_pb';
import * as engine from '@pulumi/pulumi/proto/engine_pb';
import * as language from '@pulumi/pulumi/proto/language_pb';
import { ResourceMonitorService, type IResourceMonitorServer } from '@pulumi/pulumi/proto/resource_grpc_pb';
import * as resource from '@pulumi/pulumi/proto/resource_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { Struct } from 'google-protobuf/google/protobuf/struct_pb';
import { SECRET, UNKNOWN, UNKNOWN_ON_WIRE, secretOnWire, shownSecrets } from './recorded-values';

/** One registration as it reached the engine. */
export interface Recorded {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** URN; empty for the stack. */
  readonly parent: string;
  /** Inputs; secrets are `{ secret: value }`, what is not known yet is `UNKNOWN`. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly dependencies: readonly string[];
  /** URNs that single top-level inputs depend on. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly provider: string;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
  readonly aliases: readonly object[];
  readonly importId: string;
}

/** What a resource of the kinds of others answers, by type. */
export type Answers = Readonly<Record<string, (inputs: Recorded['inputs']) => Readonly<Record<string, unknown>>>>;

/** How a program is run. */
export interface RunOptions {
  /** Outputs of others are unknown, as in `pulumi preview`. @defaultValue false */
  readonly preview?: boolean;
  /** Configuration by `project:key`. @defaultValue none */
  readonly config?: Readonly<Record<string, string>>;
  /** Keys of it that are secret. @defaultValue none */
  readonly secretKeys?: readonly string[];
  /** Outputs of resources that are not Kubernetes', by type. @defaultValue none */
  readonly answers?: Answers;
  /** Environment variables of the process that files are run in; those of the first file count. @defaultValue none */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds until a registration is answered, so that whoever does not wait is too early. @defaultValue none */
  readonly delay?: (name: string) => number;
}

/** Everything that one run sent. */
export interface Recording {
  /** In the order in which they arrived. */
  readonly registered: readonly Recorded[];
  /** Names whose answer was sent before this one arrived, by URN. */
  readonly doneBefore: ReadonlyMap<string, ReadonlySet<string>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly log: readonly string[];
  /** What the program failed with; undefined where it came to its end. */
  readonly error: string | undefined;
}

/** The SDK's host of inline programs. It is not in the SDK's declarations. */
const { LanguageServer } = require('@pulumi/pulumi/automation/server') as {
  readonly LanguageServer: new (program: () => Promise<unknown>) => {
    run(call: { readonly request: language.RunRequest }, done: Answered<language.RunResponse>): Promise<void>;
  };
};

const RUNNER = require.resolve('@pulumi/pulumi/cmd/run');

type Answered<Answer> = (error: Error | null, answer?: Answer) => void;

const FEATURES = Object.values(resource.ResourceMonitorFeature).filter((one) => typeof one === 'number');

/** The engine, listening on the loopback address. */
export class RecordingEngine {
  readonly #server = new grpc.Server({ 'grpc.max_receive_message_length': -1 });
  #run: Run | undefined;
  #address = '';
  #host: ChildProcess | undefined;

  /** Starts to listen. */
  async start(): Promise<this> {
    this.#server.addService(ResourceMonitorService, this.#monitor() as unknown as grpc.UntypedServiceImplementation);
    this.#server.addService(EngineService, {
      log: unary((request: engine.LogRequest) => {
        if (request.getSeverity() !== engine.LogSeverity.DEBUG) this.#run?.log.push(request.getMessage());
        return new Empty();
      }),
      getRootResource: unary(() => new engine.GetRootResourceResponse()),
      setRootResource: unary(() => new engine.SetRootResourceResponse()),
      startDebugging: unary(() => new Empty()),
      requirePulumiVersion: unary(() => new engine.RequirePulumiVersionResponse()),
    });
    const credentials = grpc.ServerCredentials.createInsecure();
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
    });
    this.#address = `127.0.0.1:${port}`;
    return this;
  }

  /** Ends it. */
  stop(): void {
    this.#host?.kill();
    this.#server.forceShutdown();
  }

  /** Runs a program, as the Automation API does. What it returns are the outputs of the stack. */
  async run(program: () => object, options: RunOptions = {}): Promise<Recording> {
    const run = this.#begin(options);
    const host = new LanguageServer(() => Promise.resolve().then(program));
    // The SDK takes a stack at each step; jest maps each of them to sources, which takes longer than all the rest.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    const error = await new Promise<string | undefined>((resolve) => {
      const request = this.#request(options);
      void host.run({ request }, (failed, response) => resolve(failed?.message ?? (response?.getError() || undefined)));
    });
    Error.stackTraceLimit = limit;
    return run.recording(error);
  }

  /** Runs a JavaScript file in a process beside this one: for programs that fail. What it exports are the outputs. */
  async runFile(file: string, options: RunOptions = {}): Promise<Recording> {
    const run = this.#begin(options);
    this.#host ??= fork(path.join(__dirname, 'program-host.cjs'), {
      cwd: path.dirname(file),
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const host = this.#host;
    const answer = new Promise<{ readonly error: string }>((resolve) => {
      host.once('message', (message) => resolve(message as { readonly error: string }));
    });
    host.send({ file, request: Buffer.from(this.#request(options).serializeBinary()).toString('base64') });
    const { error } = await answer;
    return run.recording(error === '' ? undefined : error);
  }

  /** Runs a project by the SDK's own runner, as the command `pulumi` does: TypeScript is compiled and checked. */
  async runProject(folder: string, options: RunOptions & { readonly stack?: string } = {}): Promise<Recording> {
    const run = this.#begin(options);
    const { stack = 'dev', preview = false } = options;
    const addresses = ['--monitor', this.#address, '--engine', this.#address];
    const names = ['--project', 'shop', '--stack', stack, '--organization', 'acme', '--pwd', folder];
    const args = [RUNNER, ...addresses, ...names, ...(preview ? ['--dry-run'] : []), folder];
    // As the language host sets it for each project that does not say otherwise.
    const env = { ...process.env, PULUMI_NODEJS_TYPESCRIPT: 'true', ...options.env };
    const child = spawn(process.execPath, args, { cwd: folder, env });
    const printed: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(String(chunk)));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return run.recording(code === 0 ? undefined : `exit code ${code}\n${printed.join('')}${run.log.join('\n')}`);
  }

  #begin(options: RunOptions): Run {
    this.#run = new Run(options);
    return this.#run;
  }

  #request({ preview = false, config = {}, secretKeys = [] }: RunOptions): language.RunRequest {
    const request = new language.RunRequest();
    request.setProject('shop');
    request.setStack('dev');
    request.setOrganization('acme');
    request.setParallel(16);
    request.setDryrun(preview);
    request.setMonitorAddress(this.#address);
    request.setArgsList([this.#address]);
    request.setConfigsecretkeysList([...secretKeys]);
    for (const [key, value] of Object.entries(config)) request.getConfigMap().set(key, value);
    return request;
  }

  #monitor(): Partial<IResourceMonitorServer> {
    return {
      getDeploymentInfo: unary(() => {
        const info = new resource.DeploymentInfo();
        info.setSupportedfeaturesList([...FEATURES]);
        return info;
      }),
      supportsFeature: unary(() => {
        const answer = new resource.SupportsFeatureResponse();
        answer.setHassupport(true);
        return answer;
      }),
      registerResource: unary((request: resource.RegisterResourceRequest) => this.#current.register(request)),
      registerResourceOutputs: unary((request: resource.RegisterResourceOutputsRequest) => {
        this.#current.stackOutputs(request);
        return new Empty();
      }),
      registerStackTransform: unary(() => new Empty()),
      signalAndWaitForShutdown: unary(() => new Empty()),
    };
  }

  get #current(): Run {
    if (this.#run === undefined) throw new Error('no program runs');
    return this.#run;
  }
}

/** One call, one answer; what throws is told to the caller. */
function unary<Request, Answer>(handle: (request: Request) => Answer | Promise<Answer>) {
  return (call: { readonly request: Request }, done: Answered<Answer>): void => {
    Promise.resolve(call.request)
      .then(handle)
      .then(
        (answer) => done(null, answer),
        (error: Error) => done(error),
      );
  };
}

const STACK = 'pulumi:pulumi:Stack';

/** One run of a program. */
class Run {
  readonly log: string[] = [];
  readonly #registered: Recorded[] = [];
  readonly #done = new Set<string>();
  readonly #doneBefore = new Map<string, ReadonlySet<string>>();
  #outputs: Readonly<Record<string, unknown>> = {};

  constructor(private readonly options: RunOptions) {}

  recording(error: string | undefined): Recording {
    return {
      registered: this.#registered,
      doneBefore: this.#doneBefore,
      outputs: this.#outputs,
      log: this.log,
      error,
    };
  }

  async register(request: resource.RegisterResourceRequest): Promise<resource.RegisterResourceResponse> {
    const recorded = recordedOf(request);
    if (this.#registered.some(({ urn }) => urn === recorded.urn))
      throw new Error(`Duplicate resource URN '${recorded.urn}'`);
    this.#registered.push(recorded);
    this.#doneBefore.set(recorded.urn, new Set(this.#done));
    const delay = this.options.delay?.(recorded.name);
    if (delay !== undefined) await new Promise((resolve) => setTimeout(resolve, delay));
    this.#done.add(recorded.urn);
    return this.#answer(request, recorded);
  }

  stackOutputs(request: resource.RegisterResourceOutputsRequest): void {
    if (!request.getUrn().includes(STACK)) return;
    this.#outputs = shownSecrets(request.getOutputs()?.toJavaScript() ?? {}) as Recording['outputs'];
  }

  #answer(
    request: resource.RegisterResourceRequest,
    { urn, type, name, inputs }: Recorded,
  ): resource.RegisterResourceResponse {
    const answer = new resource.RegisterResourceResponse();
    answer.setUrn(urn);
    const given = request.getObject() ?? new Struct();
    answer.setObject(given);
    if (!request.getCustom()) return answer;
    if (this.options.preview !== true) answer.setId(type.startsWith('pulumi:providers:') ? randomUUID() : name);
    const secret = request.getAdditionalsecretoutputsList();
    const outputs = Object.fromEntries(
      Object.entries(this.options.answers?.[type]?.(inputs) ?? {}).map(([key, value]) => {
        // A provider knows of its outputs before it knows them, and so does the engine of secret ones.
        const told = this.options.preview === true ? UNKNOWN_ON_WIRE : value;
        return [key, secret.includes(key) ? secretOnWire(told) : told];
      }),
    );
    answer.setObject(Struct.fromJavaScript({ ...given.toJavaScript(), ...outputs } as never));
    return answer;
  }
}

function recordedOf(request: resource.RegisterResourceRequest): Recorded {
  const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
  const parentType = parent === '' || parent.includes(STACK) ? '' : `${parent.split('::')[2] ?? ''}$`;
  return {
    urn: `urn:pulumi:dev::shop::${parentType}${type}::${name}`,
    type,
    name,
    parent,
    inputs: shownSecrets(request.getObject()?.toJavaScript() ?? {}) as Recorded['inputs'],
    dependencies: request.getDependenciesList().toSorted(),
    propertyDependencies: Object.fromEntries(
      [...request.getPropertydependenciesMap().entries()].map(([key, urns]) => [key, urns.getUrnsList().toSorted()]),
    ),
    // The id of a provider is another one in each run.
    provider: request.getProvider().replace(/::[^:]*$/, ''),
    protect: request.getProtect() === true,
    retainOnDelete: request.getRetainondelete() === true,
    ignoreChanges: request.getIgnorechangesList(),
    aliases: request.getAliasesList().map((alias) => alias.toObject()),
    importId: request.getImportid(),
  };
}

/** The one resource of a kind and name: `Deployment`, `ordering/orders`. */
export function recordedAs({ registered, error }: Recording, kind: string, name: string): Recorded {
  const found = registered.filter((one) => one.name === name && one.type.endsWith(`:${kind}`));
  if (found.length === 1 && found[0] !== undefined) return found[0];
  const there = registered.map((one) => `${one.type} ${one.name}`);
  throw new Error(
    `${found.length} of ${kind} ${name}; ${error ?? 'no error'}; registered are\n  ${there.join('\n  ')}`,
  );
}

/** What tells two runs apart to an engine, in the order of URNs: one line a resource. */
export function comparable({ registered }: Recording): readonly string[] {
  return registered.map((one) => JSON.stringify(one)).sort();
}

export { SECRET, UNKNOWN };
