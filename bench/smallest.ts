/** The smallest program: one context, one service. */
import { BoundedContext, Microservice, definePlatform } from 'ashlar';

// eslint-disable-next-line no-restricted-syntax -- a program is loaded by its default export
export default definePlatform('smallest', (platform) => {
  const context = new BoundedContext(platform, 'web', { team: 'web' });
  new Microservice(context, 'site', { image: 'ghcr.io/acme/site:1.0.0', ports: { http: 8080 } });
});
