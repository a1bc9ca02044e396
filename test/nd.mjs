import { register } from 'node:module';
register('/work/main/test/support/typescript.mjs', import.meta.url);
const { playOrder } = await import('/work/main/test/simulation/order.ts');
const { MUTANTS } = await import('/work/main/test/simulation/mutants/index.ts');
const { BUDGET } = await import('/work/main/test/simulation/mutants/mutant.ts');
const seed = Number(process.argv[2]);
for (const m of MUTANTS) {
  const p = await playOrder({ histories: BUDGET, seed, mutant: m.name, tampered: true });
  if (!p.found || !p.found.isViolation) console.log(m.name, p.histories, p.found?.report.slice(0, 300));
}
console.log('done');
