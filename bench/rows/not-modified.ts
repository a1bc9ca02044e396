import { ask } from '../peers/upstream.js';
import { againstBare, LIST, named, PRODUCT } from './hit.js';
import type { Row } from '../run/row.js';

/** A client that has the bytes already, and says so. */
export const notModified: Row = {
  name: 'not-modified',
  async measure(ground) {
    const service = await ground.service(await ground.catalogue(ground.scale.products));
    const measure = async (path: string) => {
      const { headers } = await ask(service.url + path);
      const etag = headers[headers.indexOf('etag') + 1]!;
      const request = { path, headers: { 'if-none-match': etag }, status: 304 };
      const bare = await ground.peer('bare-http', { upstream: service.url, requests: [request] });
      await ground.warmUp([service, bare], [request]);
      return ground.turns({ service, bare }, (server) => ground.load(server, [request]));
    };
    const product = await measure(PRODUCT);
    const list = await measure(LIST);
    return {
      figures: [...againstBare('304 for a product', product), ...againstBare('304 for a list', list)],
      samples: { ...named('product', product), ...named('list', list) },
    };
  },
};
