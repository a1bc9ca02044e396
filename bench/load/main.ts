import { closedLoop } from './closed-loop.js';
import { openLoop } from './open-loop.js';
import type { Plan, Report } from './plan.js';

/** What a plan comes to. */
export type Outcome = { readonly report: Report } | { readonly failure: string };

function run(plan: Plan): Promise<Report> {
  return plan.loop.type === 'closed' ? closedLoop(plan) : openLoop(plan, plan.loop.requestsPerSecond);
}

// The parent may be killed: this process must not outlive it.
process.on('disconnect', () => process.exit());
process.on('message', (plan: Plan) => {
  run(plan)
    .then(
      (report): Outcome => ({ report }),
      (error: Error): Outcome => ({ failure: error.message }),
    )
    .then(
      (outcome) => process.send!(outcome),
      () => process.exit(1),
    );
});
