import { tokensIn } from '../constructs/model/deferred';
import { policy, type PolicyFinding, type PolicyPiece } from '../constructs/model/extension';
import { recorderOf } from '../constructs/model/recorder';

/**
 * Values that are not known yet. A deployer that knows them later fills them in; plain YAML cannot, so each of them is
 * an error there, with the prop that it came in by and the field that it stands in.
 */
export const holesPolicy: PolicyPiece = policy('holes', function* (objects, graph): Iterable<PolicyFinding> {
  const { holes } = recorderOf(graph.root);
  if (holes.size === 0) return;
  for (const on of objects) {
    for (const { pointer, text } of textsIn(on.manifest, '')) {
      for (const token of tokensIn(text)) {
        const hole = holes.get(token);
        yield {
          on,
          code: hole === undefined ? 'changed-token' : 'hole',
          message:
            hole === undefined
              ? 'A placeholder of a value that is known later was cut or changed.'
              : `The value of ${hole.field} of ${hole.path} is not known yet.`,
          field: pointer,
          got: hole === undefined ? token : 'a value that is known only while the platform is deployed',
          allowed: hole === undefined ? 'the placeholder as it was given' : 'a value, in YAML',
          fix:
            hole === undefined
              ? 'Do not take the text apart.'
              : 'Give a plain value, or deploy with a tool that knows it.',
        };
      }
    }
  }
});

interface Text {
  readonly pointer: string;
  readonly text: string;
}

/** All texts of a manifest, keys included, with their places. */
function* textsIn(value: unknown, pointer: string): Iterable<Text> {
  if (typeof value === 'string') yield { pointer, text: value };
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (tokensIn(key).length > 0) yield { pointer: at, text: key };
      yield* textsIn(item, at);
    }
  }
}
