import { definePlatform } from 'ashlar';
import { billing } from './contexts/billing';
import { catalogue } from './contexts/catalogue';
import { edge } from './contexts/edge';
import { fulfilment } from './contexts/fulfilment';
import { legacy } from './contexts/legacy';
import { ordering } from './contexts/ordering';

export default definePlatform('shop', (shop) => {
  const { payments, rates } = billing(shop);
  const { catalog, inventory } = catalogue(shop);
  const { shipping, notifications } = fulfilment(shop);
  const { orders, page, insights } = ordering(shop, { payments, rates, inventory, shipping, notifications });
  const gateway = edge(shop, { orders, page, catalog, insights });
  legacy(shop, gateway);
});
