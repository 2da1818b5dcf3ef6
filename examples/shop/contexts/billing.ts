import {
  BoundedContext,
  Bulkhead,
  Check,
  CircuitBreaker,
  Duration,
  ExternalService,
  Health,
  Microservice,
  Percent,
  PostgresDatabase,
  Rollout,
  Secret,
  Shutdown,
  Size,
  Verify,
  type Platform,
} from 'ashlar';
import { backup, image } from './common';

/** Payments, and the bank behind them. */
export function billing(shop: Platform): { readonly payments: Microservice; readonly rates: Microservice } {
  const context = new BoundedContext(shop, 'billing', { team: 'billing', subdomain: 'supporting' });
  const payments = new Microservice(context, 'payments', {
    image: image('payments', '2.3.1'),
    ports: { grpc: 9090 },
    health: Health.both(Check.grpc()),
    shutdown: Shutdown.graceful({ drain: Duration.seconds(10), finish: Duration.seconds(60) }),
    // Money: a new version is tried as a whole before anybody pays with it, and the old one stands by.
    rollout: Rollout.blueGreen({
      verify: Verify.job({ image: image('payment-contracts', '2.3.1') }),
      keepOld: Duration.minutes(30),
      promote: 'manual',
    }),
  });
  payments.owns(new PostgresDatabase(context, 'payments-db', { storage: Size.gibibytes(50), backup }));
  const account = new Secret(context, 'acquirer-account', {
    keys: { 'api-key': Secret.known('acquirer/api-key'), hmac: Secret.random(48) },
  });
  payments.reads(account, { env: { ACQUIRER_API_KEY: 'api-key', WEBHOOK_HMAC: 'hmac' } });

  const acquirer = ExternalService.of(context, 'acquirer', {
    host: 'api.acquirer.example',
    addresses: ['203.0.113.0/24'],
  });
  // The bank is slow on some days: better to fail a few payments at once than to keep all of them waiting.
  payments.calls(acquirer, {
    env: { ACQUIRER_URL: 'url' },
    circuitBreaker: CircuitBreaker.consecutiveErrors(5, { open: Duration.seconds(30), maxEjected: Percent.of(100) }),
    bulkhead: Bulkhead.of({ maxConnections: 50 }),
  });
  payments.admits(Bulkhead.of({ maxRequests: 1000 }));
  return { payments, rates: exchangeRates(context) };
}

function exchangeRates(context: BoundedContext): Microservice {
  return new Microservice(context, 'rates', {
    image: image('rates', '1.3.0'),
    ports: { http: 8080 },
    health: Health.both(Check.http('/healthz')),
  });
}
