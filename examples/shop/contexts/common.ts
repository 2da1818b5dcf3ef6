import { Backup, Duration, Retry } from 'ashlar';

/** An image of the shop's own. */
export const image = (service: string, version: string): string => `ghcr.io/acme/${service}:${version}`;

/** Kept for a month, every day: what must not be lost. */
export const backup = Backup.daily({ keep: Duration.days(30) });

/** Once more where nothing reached the callee, so that nothing is done twice. */
export const onceMore = Retry.attempts(1).on('connect-failure', 'refused-stream').perTry(Duration.millis(400));
