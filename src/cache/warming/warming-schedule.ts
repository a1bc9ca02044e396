import type { Server } from 'node:http';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CacheEvents } from '../core/events.js';
import { CACHE_SETTINGS, type CacheSettings } from '../options/options.js';
import { Warmer } from './warmer.js';

/** Warms once when the service listens, in the background, and then at the set interval. */
@Injectable()
export class WarmingSchedule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly warmer: Warmer,
    private readonly scheduler: SchedulerRegistry,
    private readonly adapterHost: HttpAdapterHost,
    private readonly events: CacheEvents,
    @Inject(CACHE_SETTINGS) private readonly settings: CacheSettings,
  ) {}

  onApplicationBootstrap(): void {
    const seconds = this.settings.warmingIntervalSeconds;
    // Without a server there are no routes to ask.
    const server = this.adapterHost.httpAdapter?.getHttpServer() as Server | undefined;
    if (seconds === 0 || !server) return;
    server.once('listening', () => this.run());
    const timer = setInterval(() => this.run(), seconds * 1000);
    timer.unref();
    this.scheduler.addInterval('cache-warming', timer);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.warmer.stop();
  }

  private run(): void {
    this.warmer.warm().catch((error: unknown) => this.events.emit({ type: 'trouble', what: 'warming', error }));
  }
}
