import { Module } from '@nestjs/common';
import { Warmer } from './warmer.js';
import { WarmingSchedule } from './warming-schedule.js';
import { WarmingTurn } from './warming-turn.js';

/** Keeps warm what the definitions say. It needs `ScheduleModule.forRoot()` of `@nestjs/schedule` in the application. */
@Module({ providers: [Warmer, WarmingTurn, WarmingSchedule], exports: [Warmer] })
export class CacheWarmingModule {}
