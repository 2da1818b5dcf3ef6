import {
  BoundedContext,
  Check,
  Cpu,
  Directory,
  ExternalService,
  Health,
  Microservice,
  PostgresServer,
  Size,
  type Platform,
} from 'ashlar';
import { backup, image } from './common';

/** What happens once something is bought. */
export function fulfilment(shop: Platform): {
  readonly shipping: Microservice;
  readonly notifications: Microservice;
} {
  const context = new BoundedContext(shop, 'fulfilment', { team: 'logistics', subdomain: 'supporting' });
  const parcels = new PostgresServer(context, 'parcels', { storage: Size.gibibytes(20), backup });
  const shipping = new Microservice(context, 'shipping', {
    image: image('shipping', '1.1.4'),
    ports: { http: 8080 },
    health: Health.both(Check.http('/healthz')),
  });
  shipping.owns(parcels.schema('shipping'));

  const notifications = new Microservice(context, 'notifications', {
    image: image('notifications', '0.8.0'),
    ports: { http: 8080 },
    directories: [Directory.temporary('/var/spool/mail', { limit: Size.mebibytes(100) }).alsoIn('relay', '/spool')],
    sidecars: {
      relay: {
        image: image('mail-relay', '1.0.0'),
        resources: {
          cpu: { request: Cpu.millis(20) },
          memory: { request: Size.mebibytes(32), limit: Size.mebibytes(64) },
        },
      },
    },
  });
  notifications.owns(parcels.schema('notifications'));
  const smtp = ExternalService.of(context, 'smtp', {
    host: 'smtp.example.com',
    ports: { submission: 587 },
    addresses: ['198.51.100.0/28'],
  });
  notifications.calls(smtp, { env: { SMTP_HOST: 'host', SMTP_PORT: 'port' } });
  return { shipping, notifications };
}
