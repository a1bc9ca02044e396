import { Injectable, type OnModuleDestroy } from '@nestjs/common';

/** Whether the service has been told to stop: it answers what is in flight, and wants no new clients. */
@Injectable()
export class Draining implements OnModuleDestroy {
  private begun = false;

  get hasBegun(): boolean {
    return this.begun;
  }

  // The first of Nest's hooks when an application closes; the listener is closed after it.
  onModuleDestroy(): void {
    this.begun = true;
  }
}
