// Plays blocks of histories in plain Node, where they take less than half of the time that they do inside Jest.
import { register } from 'node:module';

register('../support/typescript.mjs', import.meta.url);
const { simulate } = await import('./simulate.ts');

// The parent may be killed: this process must not outlive it.
process.on('disconnect', () => process.exit());
process.on('message', ({ histories, seed }) => {
  simulate(histories, seed).then(
    ({ found, ...sum }) => process.send(found ? { failure: found.report } : sum),
    (error) => process.send({ failure: error.stack }),
  );
});
