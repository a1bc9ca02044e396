export { openLog, type AppLog } from './log.js';
export { fastifyLogging, LoggingModule } from './logging.module.js';
export { QuietLogger } from './quiet-logger.js';
