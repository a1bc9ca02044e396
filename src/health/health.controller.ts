import { Controller, Get, Header, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type HealthReport, HealthReports } from './health-report.js';

/** `/health` and `/health/ready`: may traffic come here? `/health/live`: is the process alive? */
@Controller('health')
export class HealthController {
  constructor(private readonly reports: HealthReports) {}

  /** 503 where the database is down or the service is stopping. */
  @Get()
  @Header('Cache-Control', 'no-store')
  health(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthReport> {
    return this.answer(reply);
  }

  @Get('ready')
  @Header('Cache-Control', 'no-store')
  ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthReport> {
    return this.answer(reply);
  }

  /** Always 200: a restart would heal neither the database nor Redis. */
  @Get('live')
  @Header('Cache-Control', 'no-store')
  live(): { status: string } {
    return { status: 'healthy' };
  }

  private async answer(reply: FastifyReply): Promise<HealthReport> {
    const report = await this.reports.report();
    // No exception: the report is the answer, not a problem.
    if (report.status === 'unhealthy') void reply.status(503).header('retry-after', '1');
    return report;
  }
}
