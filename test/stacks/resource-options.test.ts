import { propertyPath } from '../../stacks/resource-options';

test.each([
  ['/spec/replicas', 'spec.replicas'],
  ['/spec/http/0/route/1/weight', 'spec.http[0].route[1].weight'],
  ['/metadata/annotations/acme.example~1a', 'metadata.annotations["acme.example/a"]'],
  ['/data/a~0b', 'data["a~b"]'],
])('%s is %s', (pointer, path) => expect(propertyPath(pointer)).toBe(path));
