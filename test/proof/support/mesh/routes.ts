import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { EnvoyJson } from './engine';

const TYPE = 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration';

/** Where Envoy finds a route of a proxy, and sees when it changes. */
export function sourceOf(folder: string, name: string): EnvoyJson {
  return { configSource: { pathConfigSource: { path: fileOf(folder, name) } }, routeConfigName: name };
}

/** Writes routes as istiod sent them. Envoy follows a file that takes the place of another (Envoy 1.40, "Filesystem"). */
export function writeRoutes(folder: string, routes: readonly EnvoyJson[]): void {
  for (const route of routes) {
    const file = fileOf(folder, route.name as string);
    writeFileSync(`${file}.new`, JSON.stringify({ resources: [{ '@type': TYPE, ...route }] }));
    renameSync(`${file}.new`, file);
  }
}

function fileOf(folder: string, name: string): string {
  return path.join(folder, `${encodeURIComponent(name)}.json`);
}
