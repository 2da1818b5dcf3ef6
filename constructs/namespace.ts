import type { IConstruct } from 'constructs';
import { componentOf } from './model/component';
import { recorderOf, report } from './model/recorder';

/** The namespace that a construct's objects live in; it is reported where there is none. */
export function namespaceOf(construct: IConstruct): string {
  // Throws where there is no construct to ask.
  recorderOf(construct);
  const component = componentOf(construct);
  if ('namespace' in component) return component.namespace;
  report(construct, {
    code: 'outside-a-context',
    message: 'The construct stands directly in the platform, where there is no namespace.',
    got: component.node.path,
    allowed: 'a bounded context, or a component with a namespace of its own',
    fix: 'Create it in a BoundedContext.',
  });
  return component.node.id;
}
