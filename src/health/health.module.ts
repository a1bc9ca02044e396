import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { Draining } from './draining.js';
import { HealthController } from './health.controller.js';
import { HealthReports } from './health-report.js';
import { HealthIndicators } from './indicators.js';

/** The health routes. */
@Module({
  // Terminus would log an error at each probe; what fails is logged where it fails.
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [HealthIndicators, HealthReports, Draining],
})
export class HealthModule {}
