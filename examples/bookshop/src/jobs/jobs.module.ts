import { Module } from '@nestjs/common';
import { JobsController } from './jobs.controller.js';
import { Worker } from './worker.js';

@Module({ controllers: [JobsController], providers: [Worker] })
export class JobsModule {}
