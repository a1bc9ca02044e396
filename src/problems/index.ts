export { isTransactionConflict } from './database-error.js';
export { acceptOnlyJson } from './json-body.js';
export {
  type FieldError,
  InvalidProblem,
  MalformedProblem,
  NotFoundProblem,
  PreconditionFailedProblem,
  Problem,
  PROBLEM_STATUS,
  type ProblemBody,
  type ProblemCode,
  UnavailableProblem,
} from './problem.js';
export { problemOf } from './translate.js';
export { ProblemsModule } from './problems.module.js';
export { answerParserError, answerRouterError } from './raw-answer.js';
export { answerUnrouted } from './routes.js';
export { IsText, textFault } from './text.js';
export { type DtoClass, validateDto } from './validate.js';
