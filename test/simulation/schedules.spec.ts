import { Bench, shown } from '../unit/cache/core/bench.js';
import type { SimInstance } from './instance.js';

const PAGE = 'r:page:1';

/** Two instances, of which the first has stored a page made of product 1 in Redis. */
async function twoWithAPage(): Promise<[Bench, SimInstance, SimInstance]> {
  const bench = new Bench();
  const [one, other] = [await bench.join(), await bench.join()];
  await bench.finish(bench.get(one, PAGE));
  await bench.pass(100);
  return [bench, one, other];
}

/** A change from outside that every instance has been waited for. */
async function answered(bench: Bench, through: SimInstance, ...tags: string[]): Promise<number> {
  const number = bench.change(...tags);
  await bench.finish(through.core.fence.settle());
  return number;
}

// Windows too narrow for chance, each once seen to break a promise.
describe('a schedule made by hand', () => {
  it('swaps the data of Redis between the two looks for the tokens of an inner value', async () => {
    const [bench, one, other] = await twoWithAPage();
    const { server } = bench.history.redis;
    const token = server.get('t:products:1');
    const number = await answered(bench, one, 'products:1', 'products/lists');
    const lost = [...Array(20).keys()].find((n) => server.successor('', '', n).get('t:products:1') === token);
    bench.history.world.trap('redis:tokens', 1, () => {
      server.follow('data of another', lost!);
      server.lead('its own again');
    });
    expect(shown(await bench.finish(bench.get(other, PAGE)))).toMatchObject({ 'products:1': number });
  });
});
