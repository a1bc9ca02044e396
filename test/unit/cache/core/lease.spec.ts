import { Lease, usableLeaseMs } from '../../../../src/cache/core/protocol/lease.js';

describe('Lease', () => {
  let monotonic = 0;
  let wall = 0;
  const clock = { monotonicMs: () => monotonic, wallMs: () => wall, after: () => () => undefined };
  const pass = (ms: number): void => {
    monotonic += ms;
    wall += ms;
  };
  let lease: Lease;

  beforeEach(() => {
    lease = new Lease(clock, 1_000);
  });

  it('is not valid before it was ever extended', () => {
    expect(lease.isValid()).toBe(false);
  });

  it('runs from the moment before the call was sent, less a margin for drift', () => {
    const sent = lease.moment();
    pass(500);
    lease.extend(sent);
    expect(lease.isValid()).toBe(true);
    pass(usableLeaseMs(1_000) - 501);
    expect(lease.isValid()).toBe(true);
    pass(1);
    expect(lease.isValid()).toBe(false);
    expect(usableLeaseMs(1_000)).toBeLessThanOrEqual(950);
  });

  it('ends when the monotonic clock stood still and the wall clock did not', () => {
    lease.extend(lease.moment());
    wall += 2_000;
    expect(lease.isValid()).toBe(false);
  });

  it('ends by the monotonic clock when the wall clock stands still', () => {
    lease.extend(lease.moment());
    monotonic += 2_000;
    expect(lease.isValid()).toBe(false);
  });

  it('ends when the wall clock is set back by more than a lease', () => {
    lease.extend(lease.moment());
    wall -= 2_000;
    expect(lease.isValid()).toBe(false);
  });

  it('ends when it is given up', () => {
    lease.extend(lease.moment());
    lease.giveUp();
    expect(lease.isValid()).toBe(false);
  });
});
