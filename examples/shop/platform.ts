import { definePlatform } from 'ashlar';
import { billing } from './contexts/billing';
import { catalogue } from './contexts/catalogue';
import { edge } from './contexts/edge';
import { fulfilment } from './contexts/fulfilment';
import { ordering } from './contexts/ordering';

export default definePlatform('shop', (shop) => {
  const { payments } = billing(shop);
  const { catalog, inventory } = catalogue(shop);
  const { shipping, notifications } = fulfilment(shop);
  const { orders, page, insights } = ordering(shop, { payments, inventory, shipping, notifications });
  edge(shop, { orders, page, catalog, insights });
});
