import { migrate } from '../database/index.js';
import { runCommand, UsageError } from './command.js';

const USAGE = 'usage: npm run db:migrate';

await runCommand(
  'db:migrate',
  USAGE,
  () => {
    if (process.argv.length > 2) throw new UsageError(`db:migrate takes no arguments, but was given "${process.argv[2]}"`);
  },
  async (_, { source }) => {
    const ran = await migrate(source);
    for (const name of ran) console.log(`ran ${name}`);
    console.log(ran.length === 0 ? 'nothing to run: the database is up to date' : `${ran.length} migrations ran`);
    return 0;
  },
);
