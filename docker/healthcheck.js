/**
 * The image's health check: exit code 0 while `/health/live` answers 2xx, otherwise 1 with one line that says why.
 *
 * Liveness, not readiness: a container whose database is down must stay up, for it still serves what is cached.
 * Takes the port from `CACHING_API_PORT` (default 8005) and waits at most two seconds.
 */
const port = process.env.CACHING_API_PORT || '8005';

try {
  const response = await fetch(`http://127.0.0.1:${port}/health/live`, { signal: AbortSignal.timeout(2_000) });
  if (!response.ok) {
    throw new Error(`answered ${response.status}`);
  }
} catch (error) {
  console.error(`/health/live on port ${port}: ${error.cause?.code ?? error.message}`);
  process.exitCode = 1;
}
