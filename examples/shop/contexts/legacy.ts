import {
  Auth,
  BoundedContext,
  Check,
  Duration,
  ExternalService,
  Health,
  Microservice,
  Percent,
  Phase,
  StranglerFig,
  type ApiGateway,
  type Platform,
} from 'ashlar';
import { image } from './common';

/** The old shop, which is replaced path by path. What nobody named still goes there. */
export function legacy(shop: Platform, gateway: ApiGateway): void {
  const context = new BoundedContext(shop, 'carts', { team: 'orders', subdomain: 'supporting' });
  const carts = new Microservice(context, 'carts', {
    image: image('carts', '0.9.0'),
    ports: { http: 8080 },
    health: Health.both(Check.http('/healthz')),
  });
  const wishes = new Microservice(context, 'wishes', {
    image: image('wishes', '0.2.0'),
    ports: { http: 8080 },
    health: Health.both(Check.http('/healthz')),
  });
  const old = ExternalService.of(shop, 'old-shop', { host: 'old.shop.example.com', addresses: ['198.51.100.64/28'] });
  new StranglerFig(shop, 'old-paths', {
    gateway,
    legacy: old,
    auth: Auth.none('The old shop has a login of its own.'),
    timeout: Duration.seconds(10),
  })
    .moves('/cart', carts, Phase.weighted(Percent.of(30)))
    .moves('/wishes', wishes, Phase.shadow(), { methods: ['GET'] });
}
