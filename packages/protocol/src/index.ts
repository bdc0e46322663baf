/** @file Alpharho's vocabulary: what crosses every door between agent, hub and pages. */
export * from './codec.ts';
export * from './enrolment.ts';
export * from './errors.ts';
export * from './ids.ts';
export * from './latency-sketch.ts';
export * from './messages/ack.ts';
export * from './messages/desired.ts';
export * from './messages/presence.ts';
export * from './messages/reported.ts';
export * from './messages/results.ts';
export * from './messages/telemetry.ts';
export * from './topics.ts';
export * from './update-machine.ts';
export * from './variant.ts';
