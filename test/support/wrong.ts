import {
  Aggregator,
  ApiGateway,
  Config,
  Duration,
  Key,
  Microservice,
  PostgresDatabase,
  PostgresServer,
  RedisCache,
  Task,
  type BoundedContext,
} from 'ashlar';

/** What no compiler has seen: it stands wherever something else is wanted. */
export type Anything = never;

/** An image that nothing is wrong with. */
export const image = 'ghcr.io/acme/app:1.0.0';

/** One construct of each kind that has verbs, and a second service. */
export function worldIn(context: BoundedContext) {
  return {
    orders: new Microservice(context, 'orders', { image, ports: { http: 8080 } }),
    payments: new Microservice(context, 'payments', { image, ports: { http: 8080 } }),
    page: new Aggregator(context, 'page', { image, ports: { http: 8080 }, deadline: Duration.seconds(2) }),
    task: new Task(context, 'task', { image }),
    edge: new ApiGateway(context, 'edge', { hosts: ['api.shop.example.com'] }),
    db: new PostgresDatabase(context, 'db'),
    server: new PostgresServer(context, 'server'),
    cache: new RedisCache(context, 'cache'),
    limits: new Config(context, 'limits', { schema: { LEVEL: Key.text() }, values: { LEVEL: 'info' } }),
  };
}
