/** @file ONNX Runtime's own telemetry stays off: it would keep an id in the user's cache folder and send events to its makers. */

/**
 * Has to run in the process's main thread before the first session: worker threads have an environment of their own, which the runtime
 * does not see. Whoever wants the telemetry sets ORT_DISABLE_TELEMETRY to 0.
 */
export function keepRuntimeSilent(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
}
