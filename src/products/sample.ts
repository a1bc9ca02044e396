/** A product before the database has seen it. */
export interface NewProduct {
  readonly name: string;
  readonly description: string | null;
  /** Exact, up to two decimals. */
  readonly price: string;
  readonly category: string;
  readonly stock: number;
}

const QUALITIES = ['Compact', 'Foldable', 'Handmade', 'Heavy', 'Light', 'Modern', 'Plain', 'Quiet', 'Robust', 'Soft'];
const MATERIALS = ['Aluminium', 'Bamboo', 'Ceramic', 'Cotton', 'Glass', 'Leather', 'Oak', 'Steel', 'Walnut', 'Wool'];
/** Things by category, with the least and the greatest price in cents. */
const CATEGORIES: readonly { name: string; things: readonly string[]; cents: readonly [number, number] }[] = [
  { name: 'kitchen', things: ['Bowl', 'Kettle', 'Cutting Board', 'Teapot'], cents: [490, 12_900] },
  { name: 'furniture', things: ['Chair', 'Bookshelf', 'Side Table', 'Stool'], cents: [2_900, 89_900] },
  { name: 'lighting', things: ['Desk Lamp', 'Floor Lamp', 'Lantern'], cents: [1_490, 34_900] },
  { name: 'office', things: ['Pen Holder', 'Notebook Cover', 'Letter Tray'], cents: [290, 7_900] },
  { name: 'travel', things: ['Backpack', 'Suitcase', 'Wash Bag'], cents: [1_990, 45_900] },
  { name: 'garden', things: ['Watering Can', 'Planter', 'Bird House'], cents: [890, 15_900] },
  { name: 'clothing', things: ['Scarf', 'Jacket', 'Belt', 'Hat'], cents: [1_290, 24_900] },
  { name: 'toys', things: ['Puzzle', 'Train', 'Spinning Top'], cents: [390, 9_900] },
];

/** Greatest number that a sample product can have. */
export const MAX_SAMPLE_NUMBER = 999_999_999;

/** Regular expression of PostgreSQL: a sample product's name, whose number is the first group. */
export const SAMPLE_NAME = `^(?:${QUALITIES.join('|')}) .+ No\\. ([0-9]{1,9})$`;

/**
 * Sample products number `offset + 1` to `offset + count`: the same ones each time, each with a name of its own that
 * ends in its number. Made one by one, so any count costs no memory.
 */
export function* sampleProducts(count: number, offset: number): Generator<NewProduct> {
  for (let number = offset + 1; number <= offset + count; number++) yield sampleProduct(number);
}

function sampleProduct(number: number): NewProduct {
  const draw = drawsOf(number);
  const category = CATEGORIES[number % CATEGORIES.length]!;
  const quality = pick(QUALITIES, draw());
  const material = pick(MATERIALS, draw());
  const thing = pick(category.things, draw());
  const [least, greatest] = category.cents;
  const cents = least + (draw() % (greatest - least + 1));
  return {
    name: `${quality} ${material} ${thing} No. ${number}`,
    description: draw() % 10 === 0 ? null : `A ${quality.toLowerCase()} ${thing.toLowerCase()} of ${material.toLowerCase()}.`,
    price: `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`,
    category: category.name,
    stock: draw() % 8 === 0 ? 0 : draw() % 500,
  };
}

function pick(words: readonly string[], draw: number): string {
  return words[draw % words.length]!;
}

/** Numbers of 32 bits that look random and follow from the seed alone (mulberry32). */
function drawsOf(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b9);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
